import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, query, service, type TestDatabase } from '../services/database.ts';
import { type FailedResult, holdfastJson } from './holdfast.ts';
import { createRepository, type TestRepository } from './repositories.ts';

function withMode(address: string, mode: string, certificate?: string): string {
  return `${address}?sslmode=${mode}${certificate === undefined ? '' : `&sslrootcert=${encodeURIComponent(certificate)}`}`;
}

/** TLS of the driver (rows) and of libpq (pg_dump, pg_restore) mean the same by the same address. */
describe('a PostgreSQL server over TLS', () => {
  let repository: TestRepository;
  let database: TestDatabase;

  beforeAll(async () => {
    repository = await createRepository({ store: 'directory', encrypted: false });
    database = await createDatabase(service('TEST_DATABASE_URL'));
    await query(database.url, "CREATE TABLE words AS SELECT i, md5(i::text) AS word, repeat('x', 200) AS filler FROM generate_series(1, 20000) AS i");
  });

  afterAll(async () => {
    await database.drop();
    repository.remove();
  });

  it.each(['require', 'verify-ca', 'verify-full'])('is backed up and restored with sslmode=%s', async (mode) => {
    const certificate = mode === 'require' ? undefined : service('TEST_DATABASE_CERTIFICATE');
    const variables = {
      ...repository.variables,
      HOLDFAST_SOURCE: withMode(database.url, mode, certificate),
      HOLDFAST_TARGET: withMode(`${database.url}_tls`, mode, certificate),
    };
    const { id } = await holdfastJson<{ id: string }>(['backup'], variables);
    await holdfastJson(['restore', id], variables);
    expect(await query(`${database.url}_tls`, 'SELECT count(*)::int AS n, count(DISTINCT word)::int AS words FROM words')).toEqual([{ n: 20_000, words: 20_000 }]);
    await query(database.url, `DROP DATABASE "${database.name}_tls"`);
  });

  it('is refused when its certificate is not the trusted one', async () => {
    const other = join(repository.folder, 'other.crt');
    const subject = ['-days', '2', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    await promisify(execFile)('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', `${other}.key`, '-out', other, ...subject]);
    const failed = await holdfastJson<FailedResult>(['backup'], { ...repository.variables, HOLDFAST_SOURCE: withMode(database.url, 'verify-full', other) }, 3);
    expect(failed.error.message).toMatch(/certificate/);
  });

  it('is refused when the trusted certificate cannot be read, before anything is sent', async () => {
    const failed = await holdfastJson<FailedResult>(['backup'], { ...repository.variables, HOLDFAST_SOURCE: withMode(database.url, 'verify-full', '/absent.crt') }, 2);
    expect(failed.error).toMatchObject({ code: 'SOURCE_ADDRESS_INVALID', message: expect.stringContaining('/absent.crt') });
  });
});
