import { describe, expect, it } from '@jest/globals';
import { parseCatalogAddress } from '../../src/catalog/catalog-address.ts';
import type { HoldfastError } from '../../src/operations/errors.ts';

describe('parseCatalogAddress', () => {
  it('reads a file', () => {
    expect(parseCatalogAddress('sqlite:///var/lib/hold%20fast/catalog.db')).toEqual({ kind: 'sqlite', file: '/var/lib/hold fast/catalog.db' });
  });

  it('reads a server, with defaults', () => {
    expect(parseCatalogAddress('postgres://ann:s%40fe@db/holdfast')).toEqual({
      kind: 'postgres', host: 'db', port: 5432, user: 'ann', password: 's@fe', database: 'holdfast', sslMode: 'disable',
    });
    expect(parseCatalogAddress('postgresql://ann@[::1]:5433/holdfast?sslmode=verify-full&sslrootcert=/ca.pem', 'from-file')).toEqual({
      kind: 'postgres', host: '::1', port: 5433, user: 'ann', password: 'from-file', database: 'holdfast', sslMode: 'verify-full', sslRootCert: '/ca.pem',
    });
  });

  it.each([
    '', 'catalog.db', 'mysql://ann:s3cret@db/holdfast', 'sqlite://relative.db', 'sqlite:///', 'sqlite:///a%00b', 'sqlite:///folder/', 'sqlite:///a?mode=s3cret',
    'postgres://db/holdfast', 'postgres://ann:s3cret@db', 'postgres://ann:s3cret@db/holdfast?sslmode=prefer', 'postgres://ann:s3cret@db/holdfast?password=s3cret',
    'postgres://ann:s3cret%@db/holdfast',
  ])('refuses %j without showing it', (text) => {
    let error: unknown;
    try {
      parseCatalogAddress(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ code: 'CATALOG_ADDRESS_INVALID' });
    for (const language of ['en', 'zh'] as const) expect(JSON.stringify((error as HoldfastError).describe(language))).not.toMatch(/s3cret|\{reason/);
  });
});
