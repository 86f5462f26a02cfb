import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { RestoreOptions } from '../../../../jobs/engines/engine.ts';
import { query, service } from '../../../services/database.ts';
import { readDatabase } from './compare-databases.ts';
import { beside, databasesLike, dropDatabasesLike, engineContext, postgresEngine, queryIn, restoreOptions, sample, takeBackup, type TakenBackup } from './fixture.ts';

const prefix = `modes_${randomBytes(4).toString('hex')}_`;
const server = service('TEST_DATABASE_URL');
const source = beside(server, `${prefix}shop`);
let shop: TakenBackup;

beforeAll(async () => {
  await query(server, `CREATE DATABASE ${prefix}shop TEMPLATE template0`);
  await query(source, (await sample('shop')).replace(/^/, 'SET sample.scale = 4;\n'));
  shop = await takeBackup(source);
});

afterAll(() => dropDatabasesLike(server, prefix));

function restore(name: string, options: Partial<RestoreOptions> = {}) {
  return postgresEngine.restore(engineContext(), { ...shop, target: beside(server, name), options: { ...restoreOptions, ...options } });
}

async function createOccupied(name: string): Promise<void> {
  await query(server, `CREATE DATABASE "${name}"`);
  await query(beside(server, name), "CREATE TABLE mine AS SELECT 'old' AS content");
}

function rowsOf(name: string): Promise<Record<string, unknown>[]> {
  return queryIn(server, name, 'SELECT count(*)::int AS rows FROM shop.orders');
}

const restored = [{ rows: 4000 }];

describe('a restore with --swap', () => {
  it('exchanges the names and keeps the previous database beside', async () => {
    await createOccupied(`${prefix}swap`);
    const { previous, plan } = await restore(`${prefix}swap`, { swap: true });
    expect(previous).toMatch(new RegExp(`^${prefix}swap_before_\\d{8}T\\d{6}Z$`));
    expect(plan.map(({ en }) => en).join('\n')).toContain('Exchange the names in one transaction');
    expect(await rowsOf(`${prefix}swap`)).toEqual(restored);
    expect(await query(beside(server, previous ?? ''), 'SELECT content FROM mine')).toEqual([{ content: 'old' }]);
    expect(await databasesLike(server, `${prefix}swap_`)).toEqual([previous]);
  });

  it('refuses while sessions are open, before it restores, and names their number and users', async () => {
    await createOccupied(`${prefix}used`);
    const client = new Client({ connectionString: beside(server, `${prefix}used`) });
    await client.connect();
    await expect(restore(`${prefix}used`, { swap: true })).rejects.toMatchObject({ code: 'RESTORE_TARGET_IN_USE', category: 'safety', values: { sessions: '1 session of postgres' } });
    await client.end();
    expect(await databasesLike(server, `${prefix}used`)).toEqual([`${prefix}used`]);
  });

  it('waits for a visitor who comes while it restores', async () => {
    await createOccupied(`${prefix}visited`);
    const target = beside(server, `${prefix}visited`);
    let visit: Promise<unknown> | undefined;
    const parts: TakenBackup['parts'] = {
      ...shop.parts,
      async *readAll(slices) {
        // Longer than the server itself waits for sessions to go.
        visit ??= query(target, 'SELECT pg_sleep(8)');
        for (const slice of slices) yield await shop.parts.read(slice);
      },
    };
    await postgresEngine.restore(engineContext(), { ...shop, parts, target, options: { ...restoreOptions, swap: true } });
    await visit;
    expect(await rowsOf(`${prefix}visited`)).toEqual(restored);
  });

  it('ends open sessions when told to, however eagerly they come back', async () => {
    await createOccupied(`${prefix}busy`);
    const stop = new AbortController();
    const seen = new Set<string>();
    const visitor = async () => {
      while (!stop.signal.aborted) {
        const client = new Client({ connectionString: beside(server, `${prefix}busy`) });
        client.on('error', () => {});
        try {
          await client.connect();
          const { rows } = await client.query<{ mine: string | null }>("SELECT to_regclass('public.mine')::text AS mine");
          seen.add(rows[0]?.mine === null ? 'new' : 'old');
          await client.query('SELECT pg_sleep(0.05)');
          await client.end();
        } catch {
          await client.end().catch(() => undefined);
          await sleep(5);
        }
      }
    };
    const visitors = [visitor(), visitor(), visitor(), visitor()];
    const { previous } = await restore(`${prefix}busy`, { swap: true, endSessions: true });
    await sleep(300);
    stop.abort();
    await Promise.all(visitors);
    expect(await rowsOf(`${prefix}busy`)).toEqual(restored);
    expect(await query(beside(server, previous ?? ''), 'SELECT content FROM mine')).toEqual([{ content: 'old' }]);
    expect([...seen].toSorted()).toEqual(['new', 'old']);
  });
});

describe('a restore with --overwrite', () => {
  it('replaces the database', async () => {
    await createOccupied(`${prefix}over`);
    const { previous } = await restore(`${prefix}over`, { overwrite: true });
    expect(previous).toBeUndefined();
    expect(await rowsOf(`${prefix}over`)).toEqual(restored);
    expect(await databasesLike(server, `${prefix}over`)).toEqual([`${prefix}over`]);
  });

  it('keeps the previous database and says so where the server does not drop it', async () => {
    await createOccupied(`${prefix}kept`);
    await query(beside(server, `${prefix}kept`), "CREATE SUBSCRIPTION s CONNECTION 'host=nowhere.invalid' PUBLICATION p WITH (connect = false, slot_name = NONE)");
    const { previous, warnings } = await restore(`${prefix}kept`, { overwrite: true });
    expect(previous).toContain(`${prefix}kept_before_`);
    expect(warnings).toEqual([{ en: expect.stringContaining('could not be dropped'), zh: expect.stringContaining('无法删除') }]);
    expect(await rowsOf(`${prefix}kept`)).toEqual(restored);
  });
});

describe('a leftover of a killed restore', () => {
  it('is named in the plan, and stays while its restore lives', async () => {
    const name = `${prefix}leftover_restoring_0a1b2c`;
    await query(server, `CREATE DATABASE ${name}`);
    await query(server, `COMMENT ON DATABASE ${name} IS 'Holdfast is restoring this database; its content is not complete. {"maintenance":"postgres"}'`);
    const alive = new Client({ connectionString: server });
    await alive.connect();
    await alive.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [`holdfast restore ${name}`]);
    expect((await restore(`${prefix}beside_leftover`, { dryRun: true })).plan.map(({ en }) => en).join()).not.toContain(name);
    await restore(`${prefix}beside_leftover`);
    expect(await databasesLike(server, name)).toEqual([name]);
    await alive.end();
    await restore(`${prefix}after_leftover`);
    expect(await databasesLike(server, name)).toEqual([]);
  });

  it('is only what bears the mark of one', async () => {
    const name = `${prefix}mine_restoring_0a1b2c`;
    await query(server, `CREATE DATABASE ${name}`);
    await restore(`${prefix}after_mine`);
    expect(await databasesLike(server, name)).toEqual([name]);
  });
});

describe('a dry run', () => {
  it.each([
    ['absent', {}],
    ['occupied', { swap: true }],
    ['occupied', { overwrite: true }],
  ] as const)('gives the plan and changes nothing: %s %j', async (state, options) => {
    const name = `${prefix}dry_${randomBytes(3).toString('hex')}`;
    if (state === 'occupied') await createOccupied(name);
    const before = await databasesLike(server, prefix);
    const { plan } = await restore(name, { ...options, dryRun: true });
    expect(plan.map(({ en }) => en).join('\n')).toMatch(/Create the database[^]*Load rows: \d+[^]*(Rename|Exchange)/);
    expect(await databasesLike(server, prefix)).toEqual(before);
  });
});

describe('a restore', () => {
  it.each([`quote'and"double`, 'line\nbreak', '数据库', 'back\\slash %s $1', `${'ü'.repeat(31)}x`, 'host=nowhere dbname=x', 'postgres://nowhere/x'])(
    'takes any name of a database: %j',
    async (hostile) => {
      const name = Buffer.byteLength(prefix + hostile) > 63 ? hostile : prefix + hostile;
      const result = await restore(name);
      expect(result.warnings).toEqual([]);
      expect(await rowsOf(name)).toEqual(restored);
      const { previous } = await restore(name, { swap: true });
      expect(Buffer.byteLength(previous ?? '')).toBeLessThanOrEqual(63);
      for (const database of [name, previous ?? '']) await query(server, `DROP DATABASE "${database.replaceAll('"', '""')}"`);
    },
  );

  it('fills an empty database of a user who may do nothing else', async () => {
    const role = `${prefix}user`;
    await query(server, `CREATE ROLE ${role} LOGIN PASSWORD 'of the user'`);
    await query(server, `CREATE DATABASE ${prefix}own OWNER ${role} TEMPLATE template0`);
    const target = new URL(beside(server, `${prefix}own`));
    target.username = role;
    target.password = 'of the user';
    await postgresEngine.restore(engineContext(), { ...shop, target: target.href, options: { ...restoreOptions, skipOwners: true } });
    expect(await rowsOf(`${prefix}own`)).toEqual(restored);
    expect(await query(target.href, 'SELECT DISTINCT tableowner::text AS owner FROM pg_tables WHERE schemaname = $1', ['shop'])).toEqual([{ owner: role }]);
    await query(server, `DROP DATABASE ${prefix}own`);
    await query(server, `DROP ROLE ${role}`);
  });

  it('gives equal content with one connection and with many', async () => {
    const programs = service('TEST_POSTGRES_BIN_15');
    const expected = await readDatabase(source, programs);
    for (const connections of [1, 5]) {
      await restore(`${prefix}by_${connections}`, { connections });
      expect(await readDatabase(beside(server, `${prefix}by_${connections}`), programs)).toEqual(expected);
    }
  });
});
