import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, query, service, type TestDatabase } from '../services/database.ts';
import { holdfastJson, startHoldfast, untilLogged } from './holdfast.ts';
import { createRepository, type TestRepository } from './repositories.ts';

const killPoints = 20;
const contentQuery = 'SELECT count(*)::int AS rows, md5(string_agg(id || word, \',\' ORDER BY id)) AS hash FROM words';

/** SIGKILL at twenty points of a run, from its first moments to its last: nothing needs repair, nothing false is listed. */
describe('a backup that is killed', () => {
  let repository: TestRepository;
  let database: TestDatabase;

  const variables = () => ({ ...repository.variables, HOLDFAST_SOURCE: database.url });
  const listed = async () => (await holdfastJson<{ backups: { id: string; state: string }[] }>(['list'], variables())).backups;
  const change = (step: number) => query(database.url, `UPDATE words SET word = md5(random()::text) WHERE id % ${killPoints} = ${step}`);

  beforeAll(async () => {
    repository = await createRepository({ store: 'directory', encrypted: true });
    database = await createDatabase(service('TEST_DATABASE_URL'));
    await query(database.url, 'CREATE TABLE words (id int PRIMARY KEY, word text); INSERT INTO words SELECT i, md5(i::text) FROM generate_series(1, 200000) i; ANALYZE words');
  });

  afterAll(async () => {
    await database.drop();
    repository.remove();
  });

  it(`at ${killPoints} points leaves the repository listable and restorable, and the next run needs no repair`, async () => {
    const whole = startHoldfast(['backup'], variables());
    await untilLogged(whole.child, 'backup started');
    const begin = performance.now();
    await whole.finished;
    const runMs = performance.now() - begin;
    let committed = 1;
    let killedRuns = 0;

    for (let step = 0; step < killPoints; step += 1) {
      await change(step);
      const { child, finished } = startHoldfast(['backup', '--json'], variables());
      await untilLogged(child, 'backup started');
      await sleep((runMs * step) / killPoints);
      child.kill('SIGKILL');
      const { exitCode, signal } = await finished;
      if (signal === 'SIGKILL') killedRuns += 1;
      const backups = await listed();
      expect(backups.every((backup) => backup.state === 'ok')).toBe(true);
      // Killed between the commit and its last words, a run may have become a backup; a reported one always has.
      expect(backups.length - committed).toBeGreaterThanOrEqual(exitCode === 0 ? 1 : 0);
      expect(backups.length - committed).toBeLessThanOrEqual(1);
      committed = backups.length;
    }
    expect(killedRuns).toBeGreaterThanOrEqual(killPoints / 2);

    const next = await holdfastJson<{ id: string }>(['backup'], variables());
    const target = `${database.url}_after_kills`;
    await holdfastJson(['restore', next.id], { ...variables(), HOLDFAST_TARGET: target });
    expect(await query(target, contentQuery)).toEqual(await query(database.url, contentQuery));
    await query(database.url, `DROP DATABASE "${database.name}_after_kills"`);

    const [oldest] = await listed();
    const first = `${database.url}_first`;
    await holdfastJson(['restore', oldest?.id ?? ''], { ...variables(), HOLDFAST_TARGET: first });
    expect(await query(first, 'SELECT count(*)::int AS rows, bool_and(word = md5(id::text)) AS unchanged FROM words')).toEqual([{ rows: 200_000, unchanged: true }]);
    await query(database.url, `DROP DATABASE "${database.name}_first"`);
    await holdfastJson(['prune'], variables());
  }, 300_000);

  it('by Ctrl-C stops cleanly: says so, exits 130, leaves no backup', async () => {
    await query(database.url, 'UPDATE words SET word = md5(word)');
    const before = (await listed()).length;
    const { child, finished } = startHoldfast(['backup'], variables());
    await untilLogged(child, 'backup started');
    child.kill('SIGINT');
    const { exitCode, stderr } = await finished;
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 130, stderr: expect.stringContaining('STOPPED: Stopped by SIGINT') });
    expect(await listed()).toHaveLength(before);
    const sessions = await query(database.url, "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'holdfast%'");
    expect(sessions).toEqual([{ n: 0 }]);
  });
});
