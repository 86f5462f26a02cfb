import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MikroORM as PostgresOrm } from '@mikro-orm/postgresql';
import { MikroORM as SqliteOrm } from '@mikro-orm/sqlite';
import { parseCatalogAddress } from '../../src/catalog/catalog-address.ts';
import { commonOptions, postgresOptions, sqliteOptions, timeLimits } from '../../src/catalog/orm-options.ts';
import { captureLog } from '../support/captured-log.ts';
import { type CatalogPlace, catalogPlaces, waiting } from './catalogs.ts';

describe.each(catalogPlaces)('migrations on $name', ({ make }) => {
  let place: CatalogPlace;
  beforeEach(async () => { place = await make(); });
  afterEach(async () => place.remove());

  it('make the schema that the entities describe', async () => {
    const catalog = await place.open();
    await catalog.migrate(waiting);
    const orm = await openOrm(place.url);
    try {
      expect(await orm.schema.getUpdateSchemaSQL()).toBe('');
    } finally {
      await orm.close();
    }
  });

  it('are applied once, and say when', async () => {
    const catalog = await place.open();
    expect(await catalog.migrations(waiting)).toEqual({ applied: [], pending: ['0001-create-accounts'] });
    const before = Date.now();
    expect(await catalog.migrate(waiting)).toEqual(['0001-create-accounts']);
    expect(await catalog.migrate(waiting)).toEqual([]);
    const { applied, pending } = await catalog.migrations(waiting);
    expect(pending).toEqual([]);
    expect(applied.map(({ name }) => name)).toEqual(['0001-create-accounts']);
    expect(Math.abs((applied[0]?.at.getTime() ?? 0) - before)).toBeLessThan(5000);
  });

  it('are applied by one when several begin at once', async () => {
    const catalogs = await Promise.all(Array.from({ length: 5 }, async () => place.open()));
    const results = await Promise.all(catalogs.map(async (catalog) => catalog.migrate(waiting)));
    expect(results.flat()).toEqual(['0001-create-accounts']);
  });
});

async function openOrm(url: string) {
  const { log } = captureLog();
  const address = parseCatalogAddress(url);
  if (address.kind === 'sqlite') return new SqliteOrm({ ...commonOptions('sqlite', log), ...sqliteOptions(address) });
  return new PostgresOrm({ ...commonOptions('postgres', log), ...(await postgresOptions(address, { maxConnections: 2, limits: timeLimits, onPool: () => {} })) });
}
