import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { createDatabase, query, service, type TestDatabase } from './database.ts';
import { answersPing } from './redis.ts';

const run = promisify(execFile);

describe.each([
  { version: 'as installed', variable: 'TEST_DATABASE_URL', bin: 'TEST_POSTGRES_BIN_15' },
  { version: '18', variable: 'TEST_DATABASE_18_URL', bin: 'TEST_POSTGRES_BIN_18' },
])('the test services give PostgreSQL $version', ({ variable, bin }) => {
  let folder: string;
  const databases: TestDatabase[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-services-'));
  });
  afterEach(async () => {
    await Promise.all(databases.splice(0).map(async (database) => database.drop()));
    await rm(folder, { recursive: true });
  });

  it('that asks for the password', async () => {
    const url = new URL(service(variable));
    url.password = 'wrong';
    await expect(query(url.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('with databases of any encoding, removed even while someone is connected', async () => {
    const database = await createDatabase(service(variable), { encoding: 'LATIN1' });
    expect(await query(database.url, 'SHOW server_encoding')).toEqual([{ server_encoding: 'LATIN1' }]);
    await database.drop();
    await expect(query(database.url, 'SELECT 1')).rejects.toMatchObject({ code: '3D000' });
  });

  it('with client programs of its version that dump and restore', async () => {
    const [from, to] = await Promise.all([createDatabase(service(variable)), createDatabase(service(variable))]);
    databases.push(from, to);
    const [server] = await query(from.url, 'SHOW server_version');
    const { stdout: client } = await run(join(service(bin), 'pg_dump'), ['--version']);
    expect(client).toContain(`) ${String(server?.['server_version']).split('.')[0]}.`);

    await query(from.url, "CREATE TABLE town (name text); INSERT INTO town VALUES ('Zürich')");
    const archive = join(folder, 'archive');
    await run(join(service(bin), 'pg_dump'), ['--format=custom', '--file', archive, from.url]);
    await run(join(service(bin), 'pg_restore'), ['--dbname', to.url, archive]);
    expect(await query(to.url, 'SELECT name FROM town')).toEqual([{ name: 'Zürich' }]);
  });
});

it('the test services give a Redis', async () => {
  expect(await answersPing(Number(new URL(service('TEST_REDIS_URL')).port))).toBe(true);
});
