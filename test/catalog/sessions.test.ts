import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { createCatalogSessionStore, deleteExpiredSessions } from '../../src/catalog/sessions.ts';
import type { SessionRecord } from '../../src/operations/sessions/session-store.ts';
import { type CatalogPlace, catalogPlaces, testClock, waiting } from './catalogs.ts';

const record = (userId: string): SessionRecord => ({ userId, name: 'Ann', role: 'operator', createdAt: 1, expiresAt: 2 });

describe.each(catalogPlaces)('sessions in the catalogue on $name', ({ make }) => {
  let place: CatalogPlace;
  let catalog: Catalog;
  const clock = testClock();
  beforeAll(async () => {
    place = await make();
    catalog = await place.open();
    await catalog.migrate(waiting);
  });
  afterAll(async () => place.remove());
  const openStore = () => createCatalogSessionStore({ catalog, now: clock.now });
  const ids = async () => (await catalog.run(async (em) => em.execute<{ id: string }[]>('select id from session order by id'), waiting)).map(({ id }) => id);

  it('are given back as they were put, until they expire', async () => {
    const store = openStore();
    await store.put('a', record('1'), 60, waiting);
    clock.advance(20_000);
    expect(await store.get('a', waiting)).toEqual({ record: record('1'), remainingSeconds: 40 });
    await store.touch('a', 60, waiting);
    clock.advance(59_999);
    expect(await store.get('a', waiting)).toBeDefined();
    clock.advance(1);
    expect(await store.get('a', waiting)).toBeUndefined();
    await store.touch('a', 60, waiting);
    expect(await store.get('a', waiting)).toBeUndefined();
  });

  it('are replaced, deleted one by one and all of a user', async () => {
    const store = openStore();
    await store.put('b', record('1'), 60, waiting);
    await store.put('b', record('2'), 60, waiting);
    await store.put('c', record('2'), 60, waiting);
    await store.put('d', record('3'), 60, waiting);
    expect((await store.get('b', waiting))?.record.userId).toBe('2');
    await store.deleteOf('2', waiting);
    await store.delete('not-there', waiting);
    expect(await store.get('b', waiting)).toBeUndefined();
    await store.delete('d', waiting);
    await store.touch('d', 60, waiting);
    expect(await store.get('d', waiting)).toBeUndefined();
  });

  it('are deleted when they have expired, and no sooner', async () => {
    const store = openStore();
    await store.put('e', record('4'), 10, waiting);
    clock.advance(61_000);
    await store.put('f', record('4'), 10, waiting);
    await deleteExpiredSessions({ catalog, now: clock.now }, waiting);
    expect(await ids()).toEqual(['f']);
  });
});
