import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, query, service, type TestDatabase } from '../services/database.ts';
import { readDatabase } from './engines/postgres/compare-databases.ts';
import { holdfastJson } from './holdfast.ts';
import { createRepository, type TestRepository } from './repositories.ts';

const scale = 10;
const rows = scale * 100_000;
/** Every transaction of pgbench adds one amount to all four: a state that is not one moment's shows in their sums. */
const sums = `SELECT (SELECT sum(abalance) FROM pgbench_accounts)::bigint AS accounts, (SELECT sum(tbalance) FROM pgbench_tellers)::bigint AS tellers,
  (SELECT sum(bbalance) FROM pgbench_branches)::bigint AS branches, (SELECT coalesce(sum(delta), 0) FROM pgbench_history)::bigint AS history`;

describe('a database under load', () => {
  let repository: TestRepository;
  let database: TestDatabase;
  const restored = () => `${database.url}_restored`;
  const variables = () => ({ ...repository.variables, HOLDFAST_SOURCE: database.url, HOLDFAST_TARGET: restored() });

  beforeAll(async () => {
    repository = await createRepository({ store: 'directory', encrypted: true });
    database = await createDatabase(service('TEST_DATABASE_URL'));
    await pgbench('--initialize', '--quiet', `--scale=${scale}`).ended;
  });

  afterAll(async () => {
    await database.drop();
    repository.remove();
  });

  function pgbench(...words: string[]): { ended: Promise<void>; stop: () => void } {
    const child = spawn(join(service('TEST_POSTGRES_BIN_15'), 'pgbench'), [...words, database.url], { stdio: 'ignore' });
    return { ended: once(child, 'close').then(() => undefined), stop: () => child.kill('SIGTERM') };
  }

  async function restoreAndQuery(id: string, sql: string): Promise<Record<string, unknown>[]> {
    await holdfastJson(['restore', id], variables());
    const answer = await query(restored(), sql);
    await query(database.url, `DROP DATABASE "${database.name}_restored"`);
    return answer;
  }

  it('is backed up in one state while transactions and changes of definitions go on', async () => {
    const load = pgbench('--client=4', '--jobs=1', '--no-vacuum', '--time=600');
    const changing = new AbortController();
    const changes = changeDefinitions(changing.signal);
    try {
      const ids: string[] = [];
      for (let run = 0; run < 2; run += 1) ids.push((await holdfastJson<{ id: string }>(['backup'], variables()))['id']);
      changing.abort();
      await changes;
      load.stop();
      await load.ended;
      for (const id of ids) {
        const [found] = await restoreAndQuery(id, sums);
        expect(new Set(Object.values(found ?? {})).size).toBe(1);
      }
    } finally {
      changing.abort();
      load.stop();
      await Promise.allSettled([changes, load.ended]);
    }
  });

  async function changeDefinitions(signal: AbortSignal): Promise<void> {
    for (let step = 0; !signal.aborted; step += 1) {
      await query(database.url, `CREATE TABLE IF NOT EXISTS passing (id int); INSERT INTO passing VALUES (${step}); TRUNCATE passing; ALTER TABLE passing ADD COLUMN IF NOT EXISTS note text`);
      await query(database.url, 'DROP TABLE passing; CREATE INDEX ON pgbench_tellers (bid); DROP INDEX pgbench_tellers_bid_idx');
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }

  it('comes back equal: definitions by pg_dump, rows by content', async () => {
    await holdfastJson(['backup'], variables());
    await holdfastJson(['restore', 'latest'], variables());
    const programs = service('TEST_POSTGRES_BIN_15');
    expect(await readDatabase(restored(), programs)).toEqual(await readDatabase(database.url, programs));
    expect(await query(restored(), 'SELECT count(*)::int AS n FROM pgbench_accounts')).toEqual([{ n: rows }]);
    await query(database.url, `DROP DATABASE "${database.name}_restored"`);
  });

  it('costs what changed: 1 % appended, 1 % updated in one range of keys', async () => {
    // Its own table, whose rows compress like real ones.
    await query(database.url, 'DROP TABLE IF EXISTS passing; TRUNCATE pgbench_history; UPDATE pgbench_accounts SET filler = md5(aid::text) || md5((-aid)::text)');
    await query(database.url, 'VACUUM (FULL, ANALYZE) pgbench_accounts');
    const first = await backup();
    await query(database.url, `INSERT INTO pgbench_accounts SELECT i, 1, 0, md5(i::text) || md5((-i)::text) FROM generate_series(${rows + 1}, ${rows + rows / 100}) AS i`);
    const appended = await backup();
    await query(database.url, `UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid BETWEEN ${rows / 2} AND ${rows / 2 + rows / 100}`);
    const updated = await backup();
    const share = (after: { newStored: number }) => (100 * after.newStored) / first.stored;
    process.stderr.write(`New bytes over first bytes (${Math.round(first.stored / 1e6)} MB): ${share(appended).toFixed(2)} % after 1 % appended, ${share(updated).toFixed(2)} % after 1 % updated.\n`);
    expect(share(appended)).toBeLessThanOrEqual(2);
    expect(share(updated)).toBeLessThanOrEqual(3);
  });

  async function backup(): Promise<{ stored: number; newStored: number }> {
    return (await holdfastJson<{ sizes: { stored: number; newStored: number } }>(['backup'], variables())).sizes;
  }
});
