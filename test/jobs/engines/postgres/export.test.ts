import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import { query, service } from '../../../services/database.ts';
import { readDatabase } from './compare-databases.ts';
import { beside, dropDatabasesLike, engineContext, postgresEngine, sample, takeBackup, type TakenBackup } from './fixture.ts';

const prefix = `export_${randomBytes(4).toString('hex')}_`;

afterAll(async () => {
  for (const server of [service('TEST_DATABASE_URL'), service('TEST_DATABASE_18_URL')]) await dropDatabasesLike(server, prefix);
});

/** Reads the export by psql as it is written. */
async function exportToPsql(backup: TakenBackup, target: string, programs: string): Promise<void> {
  const psql = spawn(join(programs, 'psql'), ['--no-psqlrc', '--quiet', '--output=/dev/null', '--set=ON_ERROR_STOP=1', `--dbname=${target}`], { stdio: ['pipe', 'ignore', 'pipe'] });
  let errors = '';
  psql.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text.match(/ERROR:.*/g)?.join('\n') ?? '';
  });
  const exited = once(psql, 'exit');
  const output = new PassThrough();
  const piped = pipeline(output, psql.stdin);
  await postgresEngine.export(engineContext(), { ...backup, output });
  output.end();
  await piped;
  expect({ exit: await exited, errors }).toEqual({ exit: [0, null], errors: '' });
}

describe('an export', () => {
  it.each([
    ['15', 'every-kind'],
    ['15', 'shop'],
    ['15', 'extensions'],
    ['18', 'every-kind'],
  ] as const)('read by psql gives an equal database: PostgreSQL %s, %s', async (version, name) => {
    const server = service(version === '15' ? 'TEST_DATABASE_URL' : 'TEST_DATABASE_18_URL');
    const programs = service(`TEST_POSTGRES_BIN_${version}`);
    const [source, target] = [`${prefix}${name}`, `${prefix}${name}_read`];
    for (const database of [source, target]) await query(server, `CREATE DATABASE "${database}" TEMPLATE template0`);
    await query(beside(server, source), await sample(name));
    await exportToPsql(await takeBackup(beside(server, source), { globals: true }), beside(server, target), programs);
    // The database's own comment, grants and settings are not part of a plain export, as with pg_dump.
    const { properties: _, ...expected } = await readDatabase(beside(server, source), programs);
    expect(await readDatabase(beside(server, target), programs)).toMatchObject(expected);
  });

  it.each([
    ['LATIN1', 'Grüße, Ærøskøbing'],
    ['EUC_JP', '日本語の表'],
    ['SQL_ASCII', 'plain'],
  ])('keeps the encoding of a database in %s', async (encoding, words) => {
    const server = service('TEST_DATABASE_URL');
    const name = `${prefix}${encoding.toLowerCase()}`;
    for (const database of [name, `${name}_read`]) await query(server, `CREATE DATABASE ${database} TEMPLATE template0 ENCODING '${encoding}' LOCALE 'C'`);
    await query(beside(server, name), `CREATE TABLE "${words}" (words text DEFAULT '${words}'); INSERT INTO "${words}" VALUES (DEFAULT), (NULL), ('${words}\\')`);
    const backup = await takeBackup(beside(server, name));
    await exportToPsql(backup, beside(server, `${name}_read`), service('TEST_POSTGRES_BIN_15'));
    expect(await query(beside(server, `${name}_read`), `SELECT words FROM "${words}"`)).toEqual([{ words }, { words: null }, { words: `${words}\\` }]);
    await postgresEngine.restore(engineContext(), {
      ...backup,
      target: beside(server, `${name}_restored`),
      options: { dryRun: false, overwrite: false, swap: false, endSessions: false, skipOwners: false, connections: 2 },
    });
    expect(await readDatabase(beside(server, `${name}_restored`), service('TEST_POSTGRES_BIN_15'))).toEqual(await readDatabase(beside(server, name), service('TEST_POSTGRES_BIN_15')));
  });

  it('waits for a slow reader and ends with what the reader throws', async () => {
    const server = service('TEST_DATABASE_URL');
    await query(server, `CREATE DATABASE ${prefix}slow TEMPLATE template0`);
    await query(beside(server, `${prefix}slow`), await sample('shop'));
    const backup = await takeBackup(beside(server, `${prefix}slow`));
    const stop = new AbortController();
    const never = new Writable({ highWaterMark: 1, write: () => {} });
    setTimeout(() => stop.abort(new Error('nobody reads')), 500);
    await expect(postgresEngine.export(engineContext(stop.signal), { ...backup, output: never })).rejects.toThrow('nobody reads');
    const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('the disk is full')) });
    broken.on('error', () => {});
    await expect(postgresEngine.export(engineContext(), { ...backup, output: broken })).rejects.toThrow('the disk is full');
  });
});
