import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openCatalog } from '../../src/catalog/catalog.ts';
import { captureLog } from '../support/captured-log.ts';
import { type CatalogPlace, catalogPlaces, waiting } from './catalogs.ts';

describe.each(catalogPlaces)('a catalogue on $name', ({ make }) => {
  let place: CatalogPlace;
  beforeEach(async () => { place = await make(); });
  afterEach(async () => place.remove());

  it('answers its check and tells the use of its pool', async () => {
    const catalog = await place.open();
    await catalog.check(waiting);
    await catalog.migrate(waiting);
    const { max, open, idle, waiting: queued } = catalog.poolUse();
    expect(open).toBeGreaterThan(0);
    expect([open <= max, idle, queued]).toEqual([true, open, 0]);
  });

  it('undoes a transaction that fails', async () => {
    const catalog = await place.open();
    await catalog.migrate(waiting);
    const failing = catalog.transaction(async (em) => {
      await em.execute("insert into session (id, user_id, record, expires_at) values ('1', '2', '{}', '2026-01-01')");
      throw new RangeError('changed my mind');
    }, waiting);
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await catalog.run(async (em) => em.execute('select * from session'), waiting)).toEqual([]);
  });

  it('does nothing for a caller who has gone', async () => {
    const catalog = await place.open();
    const gone = { signal: AbortSignal.abort(new Error('the client is gone')) };
    await expect(catalog.run(async (em) => em.execute('select 1'), gone)).rejects.toThrow('the client is gone');
    await expect(catalog.check(gone)).rejects.toThrow('the client is gone');
    await expect(catalog.migrate(gone)).rejects.toThrow('the client is gone');
  });

  it('lets writers wait for each other instead of failing', async () => {
    const [one, other] = [await place.open(), await place.open()];
    await one.migrate(waiting);
    const add = async (catalog: typeof one, id: number) => catalog.transaction(async (em) => {
      const [row] = await em.execute<{ count: number | string }[]>('select count(*) as count from session');
      await em.execute(`insert into session (id, user_id, record, expires_at) values ('${id}', '${row?.count}', '{}', '2026-01-01')`);
    }, waiting);
    await Promise.all(Array.from({ length: 40 }, async (_, id) => add(id % 2 === 0 ? one : other, id)));
    const [row] = await one.run(async (em) => em.execute<{ count: number | string }[]>('select count(*) as count from session'), waiting);
    expect(Number(row?.count)).toBe(40);
  });
});

describe('a catalogue in a file', () => {
  let folder: string;
  beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'holdfast-catalog-')); });
  afterEach(async () => rm(folder, { recursive: true }));

  it('makes file and folder, readable for the owner alone', async () => {
    const catalog = await openCatalog({ url: `sqlite://${folder}/a/b/catalog.db`, log: captureLog().log });
    await catalog.migrate(waiting);
    const modes = await Promise.all(['a/b', 'a/b/catalog.db', 'a/b/catalog.db-wal'].map(async (name) => ((await stat(join(folder, name))).mode & 0o777).toString(8)));
    expect(modes).toEqual(['700', '600', '600']);
    await catalog.close();
  });

  it('says that a file which is no database, or a folder which is none, cannot be reached', async () => {
    await writeFile(join(folder, 'text.db'), 'this is not a database, whatever its name says'.repeat(100));
    for (const name of ['text.db', 'text.db/catalog.db']) {
      await expect(openCatalog({ url: `sqlite://${folder}/${name}`, log: captureLog().log })).rejects.toMatchObject({ code: 'CATALOG_UNREACHABLE', status: 503 });
    }
  });
});
