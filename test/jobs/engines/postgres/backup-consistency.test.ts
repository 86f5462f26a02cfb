import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createDatabase, query } from '../../../services/database.ts';
import { takeSnapshot } from '../../../../jobs/engines/postgres/read/snapshot.ts';
import { createMemoryParts } from '../memory-parts.ts';
import { backUp, bytesOf, createCountingSink, servers, tableStream } from './backup-fixture.ts';

/** Runs `step` over and over on a connection of its own until `stop` is called, which gives the number of times. */
async function keepDoing(url: string, step: (client: Client) => Promise<unknown>): Promise<{ stop: () => Promise<number> }> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  const stopping = new AbortController();
  let count = 0;
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      await step(client);
      count += 1;
    }
  })();
  // Its failure is reported by `stop`.
  loop.catch(() => {});
  return {
    stop: async () => {
      stopping.abort();
      try {
        await loop;
      } finally {
        await client.end();
      }
      return count;
    },
  };
}

async function createAndDrop(client: Client): Promise<void> {
  await client.query('CREATE TABLE passing AS SELECT 1 AS n');
  await client.query('DROP TABLE passing');
}

describe.each(servers)('consistency of a backup of PostgreSQL $version', ({ url }) => {
  // Both tables always hold the same single row; no state in which either is empty is ever committed.
  const twins = 'CREATE TABLE one (n int); CREATE TABLE two (n int); INSERT INTO one VALUES (1); INSERT INTO two VALUES (1)';
  const renewTwins = 'BEGIN; TRUNCATE one; INSERT INTO one SELECT n + 1 FROM two; TRUNCATE two; INSERT INTO two SELECT n FROM one; COMMIT';

  it('takes no snapshot that misses rows while tables are truncated, filled, dropped and created without a pause', async () => {
    const database = await createDatabase(url());
    const [coordinator, observer] = [new Client({ connectionString: database.url }), new Client({ connectionString: database.url })];
    try {
      await query(database.url, twins);
      await Promise.all([coordinator.connect(), observer.connect()]);
      const truncating = await keepDoing(database.url, (client) => client.query(renewTwins));
      const creating = await keepDoing(database.url, createAndDrop);
      const policy = { attempts: 100, lockTimeout: 200, maxDelay: 50 };
      for (let run = 0; run < 25; run += 1) {
        const snapshot = await takeSnapshot({ coordinator, observer, source: 'test', policy, signal: new AbortController().signal });
        const { rows } = await coordinator.query('SELECT (SELECT array_agg(n) FROM one) AS one, (SELECT array_agg(n) FROM two) AS two');
        expect(rows[0].one).toHaveLength(1);
        expect(rows[0].two).toEqual(rows[0].one);
        if (snapshot.relations.some(({ name }) => name === 'passing')) await coordinator.query('SELECT 1 / count(*) FROM passing');
        await coordinator.query('ROLLBACK');
      }
      expect(await truncating.stop()).toBeGreaterThan(25);
      expect(await creating.stop()).toBeGreaterThan(25);
    } finally {
      await Promise.all([coordinator.end(), observer.end()]);
      await database.drop();
    }
  });

  it('holds one state while tables are truncated, filled, dropped and created now and then', async () => {
    const database = await createDatabase(url());
    try {
      await query(database.url, twins);
      const changing = await keepDoing(database.url, async (client) => {
        await client.query(renewTwins);
        await createAndDrop(client);
        await sleep(700);
      });
      for (let run = 0; run < 3; run += 1) {
        const parts = createMemoryParts();
        const content = await backUp(database.url, parts);
        const [one, two] = ['one', 'two'].map((table) => bytesOf(tableStream(content, table), parts).toString());
        expect(one).toMatch(/^\d+\n$/);
        expect(two).toBe(one);
      }
      expect(await changing.stop()).toBeGreaterThan(0);
    } finally {
      await database.drop();
    }
  });

  it('shows the same moment in every table, however many connections read', async () => {
    const database = await createDatabase(url());
    try {
      await query(database.url, `CREATE TABLE a (id serial PRIMARY KEY, pad text); CREATE TABLE b (LIKE a INCLUDING ALL);
        INSERT INTO a (pad) SELECT repeat('x', 200) FROM generate_series(1, 20000); INSERT INTO b SELECT * FROM a`);
      const writing = await keepDoing(database.url, (client) => client.query('BEGIN; INSERT INTO a (pad) VALUES (1); INSERT INTO b SELECT max(id) + 1 FROM b; COMMIT'));
      const content = await backUp(database.url, createMemoryParts(), { connections: 3 });
      expect(await writing.stop()).toBeGreaterThan(1);
      expect(tableStream(content, 'a').rows).toBeGreaterThan(20_000);
      expect(tableStream(content, 'b').rows).toBe(tableStream(content, 'a').rows);
    } finally {
      await database.drop();
    }
  });

  it('neither fails nor deadlocks when a change of a table waits for it', async () => {
    const database = await createDatabase(url());
    try {
      await query(database.url, `CREATE TABLE large AS SELECT n AS id, repeat(md5(n::text), 20) AS pad FROM generate_series(1, 150000) n;
        ALTER TABLE large ADD PRIMARY KEY (id); CREATE TABLE small AS SELECT 1 AS id`);
      let altering: Promise<unknown> | undefined;
      const content = await backUp(database.url, createCountingSink(), {
        connections: 2,
        onAdvance: () => {
          altering ??= query(database.url, 'ALTER TABLE large ADD COLUMN more int');
        },
      });
      expect(altering).toBeDefined();
      expect(tableStream(content, 'large').rows).toBe(150_000);
      await altering;
    } finally {
      await database.drop();
    }
  });

  it('starts over when a change of a table gets in between its locks and pg_dump’s', async () => {
    const database = await createDatabase(url());
    const blocker = new Client({ connectionString: database.url });
    try {
      await query(database.url, 'CREATE TABLE changing AS SELECT 1 AS id');
      await blocker.connect();
      let altering: Promise<unknown> | undefined;
      const content = await backUp(database.url, createMemoryParts(), {
        onPhase: (name) => {
          // The locks are held; pg_dump has not started.
          if (name === 'reading') altering ??= blocker.query('ALTER TABLE changing ADD COLUMN more int');
        },
      });
      await altering;
      expect(tableStream(content, 'changing').rows).toBe(1);
    } finally {
      await blocker.end();
      await database.drop();
    }
  });

  it('lets a change through that waits for it to lock, and says who is in the way when nobody gives way', async () => {
    const database = await createDatabase(url());
    const holder = new Client({ connectionString: database.url, application_name: 'a migration' });
    try {
      await query(database.url, 'CREATE TABLE held AS SELECT 1 AS id; CREATE TABLE free AS SELECT 1 AS id');
      await holder.connect();
      await holder.query('BEGIN; ALTER TABLE held ADD COLUMN more int');
      const lockPolicy = { attempts: 3, lockTimeout: 100, maxDelay: 100 };
      await expect(backUp(database.url, createMemoryParts(), { lockPolicy })).rejects.toMatchObject({
        code: 'SOURCE_BUSY',
        category: 'busy',
        message: expect.stringMatching(/held.*process \d+ .*a migration/),
      });
      const run = backUp(database.url, createMemoryParts(), { lockPolicy: { ...lockPolicy, attempts: 50 } });
      await sleep(500);
      await holder.query('COMMIT');
      expect((await run).streams.filter(({ kind }) => kind === 'table').map(({ rows }) => rows)).toEqual([1, 1]);
    } finally {
      await holder.end();
      await database.drop();
    }
  });
});
