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

describe('a backup restored', () => {
  const server = service('TEST_DATABASE_URL');

  it('has the statistics of every table, also of partitions, heirs, and what exists only behind the rows', async () => {
    const url = await createFilled(
      server,
      `${prefix}statistics`,
      `CREATE TABLE plain AS SELECT i AS id, md5(i::text) AS word FROM generate_series(1, 5000) AS i;
       CREATE INDEX plain_lower ON plain (lower(word)); CREATE STATISTICS plain_pair (ndistinct) ON id, word FROM plain;
       CREATE TABLE parted (id int) PARTITION BY RANGE (id); CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (9999); INSERT INTO parted SELECT generate_series(1, 500);
       CREATE TABLE parent (id int); CREATE TABLE heir () INHERITS (parent); INSERT INTO heir SELECT generate_series(1, 700);
       CREATE MATERIALIZED VIEW seen AS SELECT id FROM plain; CREATE TABLE nothing (id int)`,
    );
    const restored = beside(server, `${prefix}statistics_restored`);
    await postgresEngine.restore(engineContext(), { ...(await takeBackup(url)), target: restored, options: restoreOptions });
    const columns = await query(restored, "SELECT tablename || '.' || attname || CASE WHEN inherited THEN ' inherited' ELSE '' END AS name FROM pg_stats WHERE schemaname = 'public' ORDER BY 1");
    expect(columns.map(({ name }) => name)).toEqual(['heir.id', 'parent.id inherited', 'parted.id inherited', 'parted_1.id', 'plain.id', 'plain.word', 'plain_lower.lower', 'seen.id']);
    expect(await query(restored, 'SELECT count(*)::int AS pairs FROM pg_stats_ext')).toEqual([{ pairs: 1 }]);
    expect(await query(restored, "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples < 0")).toEqual([]);
  });

  const server18 = service('TEST_DATABASE_18_URL');

  it.each([
    ['of another collation', server, "LOCALE_PROVIDER icu ICU_LOCALE 'de-AT' LOCALE 'C'", '15'],
    ['of ICU with rules', server18, "LOCALE_PROVIDER icu ICU_LOCALE 'und' ICU_RULES '&a < g' LOCALE 'C'", '18'],
    ['of the builtin provider', server18, "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'", '18'],
    ['in LATIN1', server, "ENCODING 'LATIN1' LOCALE 'C'", '15'],
  ] as const)('keeps what a database was created with: %s', async (name, url, clauses, version) => {
    const source = await createFilled(url, `${prefix}${name}`, "CREATE TABLE words (word text PRIMARY KEY); INSERT INTO words VALUES ('äh'), ('zu'), ('Abc'), ('gut')", clauses);
    const target = beside(url, `${prefix}${name} restored`);
    await postgresEngine.restore(engineContext(), { ...(await takeBackup(source)), target, options: restoreOptions });
    const programs = service(`TEST_POSTGRES_BIN_${version}`);
    expect(await readDatabase(target, programs)).toEqual(await readDatabase(source, programs));
    const locales = "SELECT to_jsonb(d) - 'oid' - 'datname' - 'datfrozenxid' - 'datminmxid' AS database FROM pg_database AS d WHERE datname = current_database()";
    expect(await query(target, locales)).toEqual(await query(source, locales));
  });

  it('has no schema public where its source has none', async () => {
    const source = await createFilled(server, `${prefix}no_public`, 'DROP SCHEMA public; CREATE SCHEMA other; CREATE TABLE other.t AS SELECT 1 AS a');
    const target = beside(server, `${prefix}no_public_restored`);
    await postgresEngine.restore(engineContext(), { ...(await takeBackup(source)), target, options: restoreOptions });
    expect(await query(target, "SELECT nspname::text AS name FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'")).toEqual([{ name: 'other' }]);
  });

  it('is equal also where the client programs are of a version that the server is too old for', async () => {
    const source = await createFilled(server, `${prefix}newer_programs`, await sample('every-kind'));
    const { body, parts } = await takeBackup(source);
    const streams = body.streams.map((stream) => (stream.kind === 'definitions' ? { ...stream, details: { ...(stream.details as object), programVersion: '18.0' } } : stream));
    const target = beside(server, `${prefix}newer_programs_restored`);
    await postgresEngine.restore(engineContext(), { body: { ...body, streams }, parts, target, options: restoreOptions });
    expect(await readDatabase(target, service('TEST_POSTGRES_BIN_15'))).toEqual(await readDatabase(source, service('TEST_POSTGRES_BIN_15')));
  });
});
