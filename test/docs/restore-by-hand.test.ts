import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readDatabase } from '../jobs/engines/postgres/compare-databases.ts';
import { beside, dropDatabasesLike, sample } from '../jobs/engines/postgres/fixture.ts';
import { query, service } from '../services/database.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const prefix = `by_hand_${randomBytes(4).toString('hex')}_`;
const server = service('TEST_DATABASE_URL');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'by-hand-'));
});

afterAll(async () => {
  await dropDatabasesLike(server, prefix);
  await rm(folder, { recursive: true, force: true });
});

/** The page's blocks, those for one kind of database and those for both, as one script. */
async function script(kind: 'PostgreSQL' | 'SQLite'): Promise<string> {
  const page = await readFile(join(root, 'docs/restore-by-hand.md'), 'utf8');
  const blocks = [...page.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = '']) => block);
  const other = kind === 'PostgreSQL' ? '# SQLite' : '# PostgreSQL';
  return ['set -eu', ...blocks.filter((block) => !block.startsWith(other))].join('\n');
}

/** Makes a repository and backs a database up into it, by the command line. The variables that the page asks for. */
async function backUp(name: string, source: string, encrypted: boolean, options: readonly string[] = []): Promise<Record<string, string>> {
  const repository = join(folder, name);
  const holdfast = (...args: string[]) =>
    run(process.execPath, [join(root, 'jobs/main.ts'), ...args], {
      env: {
        ...process.env,
        HOLDFAST_REPOSITORY: `file://${repository}`,
        HOLDFAST_SOURCE: source,
        ...(encrypted && { HOLDFAST_REPOSITORY_KEY_FILE: `${repository}.keys/repository.key`, HOLDFAST_RECIPIENTS_FILE: `${repository}.keys/recipients.txt` }),
      },
    });
  if (encrypted) await holdfast('keygen', '--directory', `${repository}.keys`);
  await holdfast('init', ...(encrypted ? [] : ['--no-encryption']));
  await holdfast('backup', '--source-name', 'mine', ...options);
  return { REPOSITORY: repository, SOURCE: 'mine', IDENTITY: `${repository}.keys/identity.txt` };
}

function libpqVariables(url: string): Record<string, string> {
  const { hostname, port, username, password } = new URL(url);
  return { PGHOST: hostname, PGPORT: port, PGUSER: username, PGPASSWORD: decodeURIComponent(password) };
}

describe('docs/restore-by-hand.md, run as it is written,', () => {
  it.each([
    ['every-kind', true, []],
    ['shop', false, []],
    ['shop', true, ['--no-compress']],
  ] as const)('restores PostgreSQL: %s, encrypted: %s, %j', async (name, encrypted, options) => {
    const id = `${prefix}${name.replace('-', '_')}_${encrypted}`;
    await query(server, `CREATE DATABASE ${id} TEMPLATE template0`);
    await query(beside(server, id), `SET sample.scale = 3; ${await sample(name)}`);
    const variables = await backUp(id, beside(server, id), encrypted, options);
    const programs = service('TEST_POSTGRES_BIN_15');
    const env = { ...process.env, ...variables, ...libpqVariables(server), TARGET: `${id} by hand`, PATH: `${programs}:${process.env['PATH']}` };
    await run('sh', ['-c', await script('PostgreSQL')], { env, maxBuffer: 64 * 1024 * 1024 });
    const { properties: _, ...expected } = await readDatabase(beside(server, id), programs);
    expect(await readDatabase(beside(server, `${id} by hand`), programs)).toMatchObject(expected);
  });

  it.each([true, false])('restores SQLite, encrypted: %s', async (encrypted) => {
    const file = join(folder, `file_${encrypted}.db`);
    const database = new DatabaseSync(file);
    database.exec('CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO t SELECT i, randomblob(300) FROM n');
    database.close();
    const variables = await backUp(`sqlite_${encrypted}`, `sqlite://${file}`, encrypted);
    const target = join(folder, `restored ${encrypted}.db`);
    const { stdout } = await run('sh', ['-c', await script('SQLite')], { env: { ...process.env, ...variables, TARGET: target } });
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('ok');
    expect((await readFile(target)).equals(await readFile(file))).toBe(true);
  });
});
