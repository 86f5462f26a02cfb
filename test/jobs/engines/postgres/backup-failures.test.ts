import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, query, service, type TestDatabase } from '../../../services/database.ts';
import { parsePostgresAddress } from '../../../../jobs/engines/postgres/connect/address.ts';
import { connect } from '../../../../jobs/engines/postgres/connect/connection.ts';
import type { PartSink } from '../../../../src/repository/parts/parts.ts';
import { createMemoryParts } from '../memory-parts.ts';
import { backUp, servers } from './backup-fixture.ts';

const password = 'p4ss:w/rd';

function as(url: string, user: string, secret: string): string {
  const changed = new URL(url);
  changed.username = user;
  changed.password = encodeURIComponent(secret);
  return changed.href;
}

describe.each(servers)('failures of a backup of PostgreSQL $version', ({ url }) => {
  let database: TestDatabase;
  let role: string;
  beforeAll(async () => {
    database = await createDatabase(url());
    role = `${database.name}_reader`;
    await query(
      database.url,
      `CREATE TABLE large AS SELECT n AS id, repeat(md5(n::text), 20) AS pad FROM generate_series(1, 100000) n; ALTER TABLE large ADD PRIMARY KEY (id);
       CREATE TABLE small AS SELECT 1 AS id; CREATE SEQUENCE counter;
       CREATE ROLE ${role} LOGIN PASSWORD '${password}'; GRANT SELECT ON large TO ${role}`,
    );
  });
  afterAll(async () => {
    await query(database.url, `DROP OWNED BY ${role}`);
    await query(url(), `DROP ROLE ${role}`);
    await database.drop();
  });

  /** Waits until no connection to the database is left behind. */
  async function expectNothingLeft() {
    let left: unknown;
    for (let attempt = 0; attempt < 50 && left !== 0; attempt += 1) {
      await sleep(attempt === 0 ? 0 : 100);
      [{ left }] = (await query(url(), `SELECT count(*)::int AS left FROM pg_stat_activity WHERE datname = '${database.name}'`)) as [{ left: number }];
    }
    expect(left).toBe(0);
  }

  it('names the tables and sequences that the user may not read, before it reads anything', async () => {
    const parts = createMemoryParts();
    const run = backUp(as(database.url, role, password), parts);
    await expect(run).rejects.toMatchObject({ code: 'SOURCE_NOT_COVERED', message: expect.stringContaining('2 tables and sequences: "public"."counter", "public"."small"') });
    expect(parts.stored.size).toBe(0);
    await expectNothingLeft();
  });

  it('refuses tables of which row security would hide rows', async () => {
    await query(database.url, `GRANT SELECT ON small, counter TO ${role}; ALTER TABLE small ENABLE ROW LEVEL SECURITY`);
    try {
      await expect(backUp(as(database.url, role, password), createMemoryParts())).rejects.toMatchObject({ code: 'SOURCE_NOT_COVERED', message: expect.stringMatching(/Row security.*"public"\."small"/) });
      const content = await backUp(database.url, createMemoryParts());
      expect(content.rows).toBe(100_001);
    } finally {
      await query(database.url, `REVOKE SELECT ON small, counter FROM ${role}; ALTER TABLE small DISABLE ROW LEVEL SECURITY`);
    }
  });

  it('backs up as a role that may only read', async () => {
    await query(database.url, `GRANT pg_read_all_data TO ${role}`);
    try {
      expect((await backUp(as(database.url, role, password), createMemoryParts())).rows).toBe(100_001);
    } finally {
      await query(database.url, `REVOKE pg_read_all_data FROM ${role}`);
    }
  });

  it.each([
    ['a wrong password', () => as(database.url, role, 'wr0ng')],
    ['no such database', () => new URL('/nothing_here', database.url).href],
    ['no such role', () => as(database.url, 'nobody_here', 'wr0ng')],
  ])('is refused with %s, in the server’s words and without the password', async (_, address) => {
    const run = backUp(address(), createMemoryParts());
    await expect(run).rejects.toMatchObject({ code: 'SOURCE_REFUSED', category: 'source', retryable: false });
    await expect(run).rejects.not.toThrow('wr0ng');
  });

  it.each([
    ['nobody listens', 'postgres://me:secret@127.0.0.1:1/db'],
    ['the name does not exist', 'postgres://me:secret@name.invalid/db'],
    ['the socket does not exist', 'postgres://me:secret@/db?host=/nowhere'],
  ])('cannot be reached when %s', async (_, address) => {
    await expect(backUp(address, createMemoryParts())).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE', category: 'source', retryable: true, message: expect.not.stringContaining('secret') });
  });

  it.each([
    ['the connection that holds the snapshot', 'definitions', `state = 'idle in transaction' AND backend_xmin IS NOT NULL`],
    ['the connection that holds the snapshot', 'rows', `state = 'idle in transaction' AND backend_xmin IS NOT NULL`],
    ['a connection that reads rows', 'rows', `query LIKE 'COPY %'`],
    ['every connection', 'definitions', 'true'],
    ['every connection', 'rows', 'true'],
  ])('fails when the server ends %s while %s are read', async (_, when, condition) => {
    const parts = createMemoryParts();
    let killing: Promise<unknown> | undefined;
    const kill = () => query(url(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database.name}' AND application_name = 'holdfast' AND ${condition}`);
    // The part waits until the server has ended what it is to end: rows are still to come.
    const write: PartSink['write'] = async (raw) => {
      if (when === 'definitions' || raw.length > 100_000) await (killing ??= kill());
      return parts.write(raw);
    };
    await expect(backUp(database.url, { write })).rejects.toMatchObject({ code: 'SOURCE_LOST', category: 'source', retryable: true });
    expect(killing).toBeDefined();
    await expectNothingLeft();
  });

  it('stops at once when it is told to, with the reason given', async () => {
    const controller = new AbortController();
    const run = backUp(database.url, createMemoryParts(), { signal: controller.signal, onAdvance: () => controller.abort(new Error('told to stop')) });
    await expect(run).rejects.toThrow('told to stop');
    await expectNothingLeft();
  });

  it('ends a statement on the server too when it is told to stop', async () => {
    const controller = new AbortController();
    const client = await connect(parsePostgresAddress(database.url), { signal: controller.signal, environment: process.env });
    const statement = client.query('SELECT count(*) FROM generate_series(1, 100000000000)');
    setTimeout(() => controller.abort(new Error('told to stop')), 200);
    await expect(statement).rejects.toThrow('Connection terminated');
    await expectNothingLeft();
  });

  it('names the table that holds a value longer than PostgreSQL can write', async () => {
    const large = await createDatabase(url());
    await query(large.url, `CREATE TABLE longest (data bytea); ALTER TABLE longest ALTER data SET STORAGE external;
      INSERT INTO longest SELECT decode(repeat('ab', 270000000), 'hex'); UPDATE longest SET data = data || data`);
    const run = backUp(large.url, createMemoryParts());
    await expect(run).rejects.toMatchObject({ code: 'SOURCE_TABLE_FAILED', message: expect.stringContaining('"public"."longest"') });
    await large.drop();
  });

  it('fails when the sink fails, with the sink’s error', async () => {
    const failing = { write: () => Promise.reject(new Error('the disk is full')) };
    await expect(backUp(database.url, failing)).rejects.toThrow('the disk is full');
    await expectNothingLeft();
  });

  describe('with a pg_dump that dies', () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'holdfast-dying-'));
      const real = service(url() === service('TEST_DATABASE_URL') ? 'TEST_POSTGRES_BIN_15' : 'TEST_POSTGRES_BIN_18');
      for (const name of ['pg_restore', 'pg_dumpall', 'psql']) await writeFile(join(folder, name), `#!/bin/sh\nexec ${real}/${name} "$@"\n`);
      await writeFile(join(folder, 'pg_dump'), `#!/bin/sh\n[ "$1" = --version ] && exec ${real}/pg_dump --version\n${real}/pg_dump "$@" | head -c 1500\nkill -9 $$\n`);
      for (const name of ['pg_dump', 'pg_restore', 'pg_dumpall', 'psql']) await chmod(join(folder, name), 0o755);
    });
    afterAll(() => rm(folder, { recursive: true }));

    it('fails, however much it wrote', async () => {
      await expect(backUp(database.url, createMemoryParts(), { programFolders: folder })).rejects.toMatchObject({
        code: 'DUMP_FAILED',
        message: expect.stringContaining('killed by SIGKILL'),
      });
      await expectNothingLeft();
    });
  });
});
