import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, query, service, type TestDatabase } from '../services/database.ts';
import { readDatabase } from './engines/postgres/compare-databases.ts';
import { type FailedResult, holdfastJson, holdfastShellWord, temporaryFolder } from './holdfast.ts';
import { createRepository, type TestRepository } from './repositories.ts';

const run = promisify(execFile);

describe('an export', () => {
  let repository: TestRepository;
  beforeAll(async () => {
    repository = await createRepository({ store: 'directory', encrypted: true });
  });
  afterAll(() => repository.remove());

  /** Runs a line of a real shell in which `holdfast` is the program. */
  const shell = async (line: string, variables: Record<string, string | undefined> = {}) =>
    run('bash', ['-euo', 'pipefail', '-c', `holdfast() { ${holdfastShellWord} "$@"; }\n${line}`], { env: { PATH: process.env['PATH'], ...repository.variables, ...variables }, maxBuffer: 1 << 26 });

  describe('of PostgreSQL', () => {
    let database: TestDatabase;
    let copy: TestDatabase;
    beforeAll(async () => {
      database = await createDatabase(service('TEST_DATABASE_URL'));
      copy = await createDatabase(service('TEST_DATABASE_URL'));
      await query(database.url, `CREATE TYPE mood AS ENUM ('good', 'bad'); CREATE SCHEMA "Odd ""name";
        CREATE TABLE "Odd ""name"."a table" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mood mood, data bytea, note text, twice int GENERATED ALWAYS AS (id * 2) STORED);
        INSERT INTO "Odd ""name"."a table" (mood, data, note) SELECT 'good', decode(md5(i::text), 'hex'), E'line\\n\\\\.\\nnext\\t' || i FROM generate_series(1, 5000) i;
        CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM "Odd ""name"."a table"; SELECT lo_from_bytea(0, 'large')`);
      await holdfastJson(['backup'], { ...repository.variables, HOLDFAST_SOURCE: database.url, HOLDFAST_SOURCE_NAME: 'shop' });
    });
    afterAll(() => Promise.all([database.drop(), copy.drop()]));

    it('through gunzip into psql gives an equal database', async () => {
      const psql = join(service('TEST_POSTGRES_BIN_15'), 'psql');
      await shell(`holdfast export latest | gunzip | "$PSQL" --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname="$COPY" > /dev/null`, { PSQL: psql, COPY: copy.url, HOLDFAST_SOURCE_NAME: 'shop' });
      const [original, exported] = await Promise.all([database, copy].map(({ url }) => readDatabase(url, service('TEST_POSTGRES_BIN_15'))));
      expect({ ...exported, properties: undefined }).toEqual({ ...original, properties: undefined });
    });

    it('to a file that exists is refused, and leaves no half file where it fails', async () => {
      const folder = temporaryFolder('export');
      const path = join(folder.path, 'shop.sql.gz');
      const variables = { ...repository.variables, HOLDFAST_SOURCE_NAME: 'shop' };
      await holdfastJson(['export', 'latest', '--output', path], variables);
      const exists = await holdfastJson<FailedResult>(['export', 'latest', '--output', path], variables, 7);
      expect(exists.error.code).toBe('EXPORT_FILE_EXISTS');
      const nowhere = await holdfastJson<FailedResult>(['export', 'latest', '--output', join(folder.path, 'absent', 'x')], variables, 2);
      expect(nowhere.error).toMatchObject({ code: 'EXPORT_UNWRITABLE', message: expect.stringContaining('ENOENT') });
      expect(existsSync(`${path}.partial`)).toBe(false);
      folder.remove();
    });

    it('whose reader goes away ends with a word, and does not hang', async () => {
      const { stdout } = await shell('holdfast export latest --no-compress 2> "$LOG" | head -n 1; echo "${PIPESTATUS[0]}"', { HOLDFAST_SOURCE_NAME: 'shop', LOG: join(repository.folder, 'log') }).catch((error: { stdout: string }) => error);
      expect(stdout).toContain('-- Database');
    });
  });

  it('of SQLite is a file that sqlite3 reads', async () => {
    const path = join(repository.folder, 'notes.sqlite');
    const database = new DatabaseSync(path);
    database.exec("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('kept')");
    await holdfastJson(['backup'], { ...repository.variables, HOLDFAST_SOURCE: `sqlite://${path}` });
    database.close();
    const { stdout } = await shell('holdfast export latest > "$OUT" && sqlite3 "$OUT" "SELECT text FROM notes"', { HOLDFAST_SOURCE_NAME: 'notes', OUT: join(repository.folder, 'exported.sqlite') });
    expect(stdout).toBe('kept\n');
  });
});
