import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, query, service, type TestDatabase } from '../services/database.ts';
import { holdfastJson, holdfastShellWord, type Variables } from './holdfast.ts';
import { createRepository, type TestRepository } from './repositories.ts';

const run = promisify(execFile);

/** The kernel itself sees to it that the job and all that it starts write no byte to any file: such a write fails, or kills. */
async function backUpWithoutFiles(variables: Variables): Promise<string> {
  const environment = { PATH: process.env['PATH'], ...variables };
  const { stdout } = await run('sh', ['-c', `ulimit -f 0; exec ${holdfastShellWord} backup --json`], { env: environment });
  return (JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as { id: string }).id;
}

describe('a backup of PostgreSQL on a machine where no file can be written', () => {
  let database: TestDatabase;
  const repositories: TestRepository[] = [];

  beforeAll(async () => {
    database = await createDatabase(service('TEST_DATABASE_URL'));
    await query(
      database.url,
      `CREATE TABLE wide (id int PRIMARY KEY, body text); INSERT INTO wide SELECT n, repeat(md5(n::text), 400) FROM generate_series(1, 4000) n;
       INSERT INTO wide VALUES (0, repeat('x', 40000000)); SELECT lo_from_bytea(0, decode(repeat('00ff', 3000000), 'hex'))`,
    );
  });

  afterAll(async () => {
    for (const repository of repositories) repository.remove();
    await database.drop();
  });

  it('reaches a bucket whole: rows, a row larger than a part, and large objects', async () => {
    const repository = await createRepository({ store: 's3', encrypted: true });
    repositories.push(repository);
    const id = await backUpWithoutFiles({ ...repository.variables, HOLDFAST_SOURCE: database.url });
    const verified = await holdfastJson(['verify', id, '--read-data'], repository.variables);
    expect(verified).toMatchObject({ ok: true });
  });

  it('fails to reach a folder: the limit is at work', async () => {
    const repository = await createRepository({ store: 'directory', encrypted: true });
    repositories.push(repository);
    await expect(backUpWithoutFiles({ ...repository.variables, HOLDFAST_SOURCE: database.url })).rejects.toThrow('Command failed');
  });
});
