import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Client } from 'pg';
import type { LockWaitAction } from '../../../../jobs/engines/lock-wait.ts';
import { createDatabase, query, type TestDatabase } from '../../../services/database.ts';
import { createMemoryParts, type MemoryParts } from '../memory-parts.ts';
import { backUp, bytesOf, servers, tableStream } from './backup-fixture.ts';

const lockPolicy = { attempts: 100, lockTimeout: 200, maxDelay: 50 };

/** A store that stands still: no part is taken until `open` is called. `reached`: pg_dump has its locks and is done. */
function createGate(parts: MemoryParts) {
  const gate = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const sink = {
    write: async (raw: Buffer) => {
      if (raw.subarray(0, 5).toString() === 'PGDMP') reached.resolve();
      await gate.promise;
      return parts.write(raw);
    },
  };
  return { sink, reached: reached.promise, open: () => gate.resolve() };
}

/** A log whose lines can be looked at. */
function createLog() {
  const lines: Record<string, unknown>[] = [];
  return { lines, logger: pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) }) };
}

describe.each(servers)('who waits behind a backup of PostgreSQL $version', ({ url }) => {
  let database: TestDatabase;
  let migration: Client;
  let application: Client;
  let parts: MemoryParts;
  let gate: ReturnType<typeof createGate>;
  const run = (action: LockWaitAction, limitMs: number, more: Parameters<typeof backUp>[2] = {}) => backUp(database.url, gate.sink, { lockPolicy, lockWait: { action, limitMs }, ...more });

  beforeEach(async () => {
    database = await createDatabase(url());
    await query(database.url, 'CREATE TABLE orders AS SELECT n AS id, repeat(md5(n::text), 20) AS pad FROM generate_series(1, 2000) n; CREATE TABLE quiet AS SELECT 1 AS id');
    migration = new Client({ connectionString: database.url, application_name: 'a migration' });
    application = new Client({ connectionString: database.url, application_name: 'the shop' });
    await Promise.all([migration.connect(), application.connect()]);
    parts = createMemoryParts();
    gate = createGate(parts);
  });
  afterEach(async () => {
    gate.open();
    await Promise.all([migration.end(), application.end()]);
    await database.drop();
  });

  /** Starts the change and the query behind it while the backup reads. */
  async function queueUp() {
    await gate.reached;
    const altering = migration.query('ALTER TABLE orders ADD COLUMN more int');
    await until('ALTER TABLE', `SELECT count(*)::int AS found FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'`);
    const reading = application.query('SELECT count(*)::int AS rows FROM orders');
    await until('the query behind it', `SELECT count(*)::int AS found FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND application_name = 'the shop'`);
    return { altering, reading };
  }

  async function until(what: string, sql: string) {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      if ((await query(database.url, sql))[0]?.['found'] !== 0) return;
      await sleep(50);
    }
    throw new Error(`${what} never waited`);
  }

  it('warns: goes on, and says in log and manifest who waited, for what, and how many stood behind', async () => {
    const { lines, logger } = createLog();
    const running = run('warn', 200, { log: logger });
    const { altering, reading } = await queueUp();
    while (!lines.some(({ msg }) => msg === 'a session waits for this backup for longer than the limit')) await sleep(50);
    gate.open();
    const content = await running;
    await Promise.all([altering, reading]);
    expect(lines.find(({ msg }) => msg === 'a session waits for this backup for longer than the limit')).toMatchObject({
      action: 'warn',
      waiter: { application: 'a migration', relation: 'public.orders', behind: 1, user: expect.any(String), pid: expect.any(Number) },
    });
    expect(content.warnings).toHaveLength(1);
    expect(content.warnings[0]?.en).toMatch(/^This backup held others up: process \d+ \(user \w+, application "a migration"\) waited \d+ s to change public\.orders, and 1 sessions behind it\.$/);
    expect(content.warnings[0]?.zh).toContain('public.orders');
    expect(JSON.stringify([lines, content.warnings])).not.toContain('ADD COLUMN');
    expect(tableStream(content, 'orders').details.columns).toEqual(['id', 'pad']);
  });

  it('yields: lets the waiting change pass while the store still stands, and backs up the state after it', async () => {
    const running = run('yield', 2000);
    const { altering, reading } = await queueUp();
    // Not one part has been taken: only a snapshot that was given up lets these two pass.
    await altering;
    expect((await reading).rows).toEqual([{ rows: 2000 }]);
    gate.open();
    const content = await running;
    expect(tableStream(content, 'orders').details.columns).toEqual(['id', 'pad', 'more']);
    expect(bytesOf(tableStream(content, 'orders'), parts).toString()).toContain('\t\\N\n');
    expect(content.warnings.map(({ en }) => en)).toEqual([expect.stringMatching(/^This backup gave way and started over: process \d+ .*public\.orders/)]);
  });

  it('gives up when somebody waits again and again, as something to try again later', async () => {
    const slow = { write: (raw: Buffer) => sleep(1000).then(() => parts.write(raw)) };
    const running = backUp(database.url, slow, { lockPolicy, lockWait: { action: 'yield', limitMs: 100 } });
    const ended = new AbortController();
    const altering = (async () => {
      while (!ended.signal.aborted) await migration.query('BEGIN; LOCK TABLE orders; COMMIT');
    })();
    await expect(running).rejects.toMatchObject({ code: 'SOURCE_HOLDS_OTHERS_UP', category: 'busy', retryable: true, message: expect.stringContaining('public.orders') });
    ended.abort();
    await altering;
  });

  it('aborts: ends, and names who waited', async () => {
    const running = run('abort', 2000);
    running.catch(() => {});
    const { altering, reading } = await queueUp();
    // Its locks are gone at once, whatever the store does.
    await Promise.all([altering, reading]);
    gate.open();
    await expect(running).rejects.toMatchObject({
      code: 'SOURCE_HOLDS_OTHERS_UP',
      category: 'busy',
      message: expect.stringMatching(/process \d+ \(user \w+, application "a migration"\).*and 1 sessions behind/),
    });
  });

  it('does not act on who waits for less than the limit, nor on who waits for somebody else', async () => {
    const { lines, logger } = createLog();
    await application.query('BEGIN; LOCK TABLE quiet IN ROW EXCLUSIVE MODE');
    const running = run('abort', 60_000, { log: logger });
    await gate.reached;
    const altering = migration.query('ALTER TABLE orders ADD COLUMN more int');
    while (!lines.some(({ msg }) => msg === 'a session waits for this backup')) await sleep(50);
    gate.open();
    expect((await running).warnings).toEqual([]);
    await altering;
    await application.query('ROLLBACK');
  });

  it('does not act on who waits for its snapshot only: CREATE INDEX CONCURRENTLY holds nobody up', async () => {
    const { lines, logger } = createLog();
    const running = run('abort', 200, { log: logger });
    await gate.reached;
    const indexing = migration.query('CREATE INDEX CONCURRENTLY ON orders (id)');
    const seen = () => lines.filter(({ msg }) => msg === 'a session waits for this backup');
    while (seen().length === 0) await sleep(50);
    await sleep(600);
    expect(seen()[0]).toMatchObject({ waiter: { application: 'a migration', relation: null } });
    gate.open();
    await running;
    await indexing;
  });
});
