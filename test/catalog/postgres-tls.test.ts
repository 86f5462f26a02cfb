import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openCatalog } from '../../src/catalog/catalog.ts';
import { createDatabase, query, service, type TestDatabase } from '../services/database.ts';
import { captureLog } from '../support/captured-log.ts';
import { waiting } from './catalogs.ts';

describe('a catalogue over TLS', () => {
  let database: TestDatabase;
  let folder: string;
  beforeAll(async () => {
    database = await createDatabase(service('TEST_DATABASE_URL'));
    folder = await mkdtemp(join(tmpdir(), 'holdfast-catalog-tls-'));
  });
  afterAll(async () => {
    await database.drop();
    await rm(folder, { recursive: true });
  });

  const usesTls = async (parameters: Record<string, string>, password?: string): Promise<unknown> => {
    const url = new URL(database.url);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    if (password !== undefined) url.password = '';
    const catalog = await openCatalog({ url: url.href, log: captureLog().log, ...(password !== undefined && { password }) });
    try {
      await catalog.check(waiting);
      const [row] = await catalog.run(async (em) => em.execute<{ ssl: boolean }[]>('select ssl from pg_stat_ssl where pid = pg_backend_pid()'), waiting);
      return row?.ssl;
    } finally {
      await catalog.close();
    }
  };

  it('encrypts by require, verifies by verify-full, and does neither without being told', async () => {
    expect(await usesTls({})).toBe(false);
    expect(await usesTls({ sslmode: 'require' })).toBe(true);
    expect(await usesTls({ sslmode: 'verify-full', sslrootcert: service('TEST_DATABASE_CERTIFICATE') })).toBe(true);
  });

  it('takes the password from beside the address', async () => {
    expect(await usesTls({ sslmode: 'require' }, new URL(database.url).password)).toBe(true);
  });

  it('refuses a server whose certificate is not trusted', async () => {
    await expect(usesTls({ sslmode: 'verify-full' })).rejects.toMatchObject({ code: 'CATALOG_UNREACHABLE' });
    await writeFile(join(folder, 'other.pem'), '');
    await expect(usesTls({ sslmode: 'verify-full', sslrootcert: join(folder, 'other.pem') })).rejects.toMatchObject({ code: 'CATALOG_UNREACHABLE' });
    await expect(usesTls({ sslmode: 'verify-full', sslrootcert: join(folder, 'missing.pem') })).rejects.toMatchObject({ code: 'CATALOG_UNREACHABLE' });
  });

  it('stops waiting for a statement when the caller has gone', async () => {
    const catalog = await openCatalog({ url: database.url, log: captureLog().log, maxConnections: 1 });
    const begin = performance.now();
    const slow = catalog.run(async (em) => em.execute('select pg_sleep(2)'), { signal: AbortSignal.timeout(300) });
    await expect(slow).rejects.toThrow('timeout');
    expect(performance.now() - begin).toBeLessThan(1_800);
    expect(await catalog.run(async (em) => em.execute('select 1 as one'), waiting)).toEqual([{ one: 1 }]);
    await catalog.close();
    expect(await query(database.url, "select count(*)::int as count from pg_stat_activity where application_name = 'holdfast' and datname = current_database()")).toEqual([{ count: 0 }]);
  });
});
