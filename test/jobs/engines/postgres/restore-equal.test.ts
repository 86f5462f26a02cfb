import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';
import { query, service } from '../../../services/database.ts';
import { readDatabase } from './compare-databases.ts';
import { beside, databasesLike, dropDatabasesLike, engineContext, postgresEngine, restoreOptions, sample, takeBackup } from './fixture.ts';

const run = promisify(execFile);

const servers = [
  { from: '15', to: '15', source: 'TEST_DATABASE_URL', target: 'TEST_DATABASE_URL' },
  { from: '18', to: '18', source: 'TEST_DATABASE_18_URL', target: 'TEST_DATABASE_18_URL' },
  { from: '15', to: '18', source: 'TEST_DATABASE_URL', target: 'TEST_DATABASE_18_URL' },
] as const;

const prefix = `equal_${randomBytes(4).toString('hex')}_`;

afterAll(async () => {
  for (const url of [service('TEST_DATABASE_URL'), service('TEST_DATABASE_18_URL')]) await dropDatabasesLike(url, prefix);
});

/** Creates a database and fills it by SQL text. Its address. */
async function createFilled(server: string, name: string, sql: string, clauses = ''): Promise<string> {
  await query(server, `CREATE DATABASE "${name.replaceAll('"', '""')}" TEMPLATE template0 ${clauses}`);
  const url = beside(server, name);
  await query(url, sql);
  return url;
}

/** A database on the target's server with the definitions that plain pg_dump and psql make of the source's. */
async function createReference(url: string, from: '15' | '18', server: string, name: string): Promise<string> {
  const reference = await createFilled(server, name, 'SELECT 1');
  const { stdout } = await run(join(service(`TEST_POSTGRES_BIN_${from}`), 'pg_dump'), ['--schema-only', `--dbname=${url}`], { maxBuffer: 64 * 1024 * 1024 });
  const psql = run(join(service(`TEST_POSTGRES_BIN_${from}`), 'psql'), ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', `--dbname=${reference}`]);
  psql.child.stdin?.end(stdout);
  await psql;
  return reference;
}

describe.each(servers)('a backup of PostgreSQL $from restored into $to', ({ source, target, from, to }) => {
  it.each(['every-kind', 'shop'] as const)('is equal to its source: %s', async (name) => {
    const url = await createFilled(service(source), `${prefix}${name}_${from}_${to}`, await sample(name));
    const backup = await takeBackup(url);
    const restored = beside(service(target), `${prefix}${name}_${from}_${to}_restored`);
    const result = await postgresEngine.restore(engineContext(), { ...backup, target: restored, options: restoreOptions });
    expect(result.warnings).toEqual([]);
    const expected = await readDatabase(url, service(`TEST_POSTGRES_BIN_${from}`));
    // A newer server writes views and types in other words: what it makes of the source's definitions is what counts.
    const reference = from === to ? url : await createReference(url, from, service(target), `${prefix}${name}_reference`);
    const { definitions } = await readDatabase(reference, service(`TEST_POSTGRES_BIN_${to}`));
    expect(await readDatabase(restored, service(`TEST_POSTGRES_BIN_${to}`))).toEqual({ ...expected, definitions });
    expect(await databasesLike(service(target), `${prefix}${name}_${from}_${to}_restored_`)).toEqual([]);
  });
});
