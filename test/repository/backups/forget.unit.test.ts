import { describe, expect, it } from '@jest/globals';
import { listBackups } from '../../../src/repository/backups/backups.ts';
import { forgetBackups, listTrash, recallBackup } from '../../../src/repository/backups/forget.ts';
import { bodyKey, headKey, trashKey } from '../../../src/repository/manifest/object-keys.ts';
import { backUp, codeFrom, dayMs, newKeys, newRepository, readBack, signal, through } from '../repository-fixture.ts';
import { storeErrors } from '../../../src/repository/stores/store.ts';
import { createMemoryStore } from '../memory-store.ts';
import { probeStore } from '../store-probe.ts';

async function setUp() {
  const store = createMemoryStore();
  const repository = await newRepository(store, newKeys());
  const head = await backUp(repository, ['rows of a table']);
  const later = (days: number) => {
    store.clock = new Date(store.clock.getTime() + days * dayMs);
  };
  return { store, repository, head, later };
}

describe('a forgotten backup', () => {
  it('is in the trash and not in the list, and comes back as it was', async () => {
    const { repository, head, later } = await setUp();
    await forgetBackups(repository, [head], { signal });
    expect(await listBackups(repository, { signal })).toEqual([]);
    expect(await listTrash(repository, { signal })).toMatchObject([{ id: head.id, state: 'ok', head }]);
    later(6.9);
    await recallBackup(repository, head, { signal });
    expect(await listTrash(repository, { signal })).toEqual([]);
    expect(await listBackups(repository, { signal })).toMatchObject([{ head }]);
    expect(await readBack(repository, head)).toEqual(['rows of a table']);
  });

  it('may be forgotten again and recalled again', async () => {
    const { repository, head } = await setUp();
    await forgetBackups(repository, [head], { signal });
    await forgetBackups(repository, [head], { signal });
    await recallBackup(repository, head, { signal });
    await recallBackup(repository, head, { signal });
    expect(await listBackups(repository, { signal })).toHaveLength(1);
  });

  it('stays listed where the store accepts its copy and forgets it', async () => {
    const { store, repository, head } = await setUp();
    const put = store.put.bind(store);
    store.put = async (key, content, options) => (key === trashKey(head) ? undefined : put(key, content, options));
    expect(await codeFrom(forgetBackups(repository, [head], { signal }))).toBe('STORE_LOST_WRITE');
    expect(await listBackups(repository, { signal })).toMatchObject([{ head }]);
  });

  it('does not come back after the grace, by the clock of the store', async () => {
    const { repository, head, later } = await setUp();
    later(30);
    await forgetBackups(repository, [head], { signal });
    later(7.01);
    expect(await codeFrom(recallBackup(repository, head, { signal }))).toBe('RECALL_TOO_LATE');
    await expect(recallBackup(repository, head, { signal })).rejects.toThrow(/2026-03-31T00:00:00\.000Z/);
  });

  it('can be recalled again after the store damaged the head that was put back', async () => {
    const { store, repository, head } = await setUp();
    await forgetBackups(repository, [head], { signal });
    const putIfAbsent = store.putIfAbsent.bind(store);
    store.putIfAbsent = async (key, _, options) => {
      await putIfAbsent(key, Buffer.from('damaged'), options);
      throw storeErrors.STORE_LOST_WRITE({ store: store.url, key, reason: 'other content' });
    };
    expect(await codeFrom(recallBackup(repository, head, { signal }))).toBe('STORE_LOST_WRITE');
    store.putIfAbsent = putIfAbsent;
    await recallBackup(repository, head, { signal });
    expect(await listBackups(repository, { signal })).toMatchObject([{ head }]);
  });

  it('does not come back without its manifest', async () => {
    const { store, repository, head } = await setUp();
    await forgetBackups(repository, [head], { signal });
    await store.delete(bodyKey(head), { signal });
    expect(await codeFrom(recallBackup(repository, head, { signal }))).toBe('BACKUP_DAMAGED');
    expect(await listBackups(repository, { signal })).toEqual([]);
  });

  it('does not come back with a changed head, which would block every prune', async () => {
    const { store, repository, head } = await setUp();
    await forgetBackups(repository, [head], { signal });
    await store.put(trashKey(head), Buffer.from(JSON.stringify({ ...head, origin: 'elsewhere' })), { signal });
    expect(await codeFrom(recallBackup(repository, head, { signal }))).toBe('BACKUP_DAMAGED');
    expect(await listBackups(repository, { signal })).toEqual([]);
  });

  it('has its whole grace again when it is forgotten a second time, even after a first time that did not end', async () => {
    const { store, repository, head, later } = await setUp();
    await store.put(trashKey(head), store.objects.get(headKey(head))?.bytes ?? Buffer.alloc(0), { signal });
    later(20);
    expect(await listTrash(repository, { signal })).toEqual([]);
    expect(await listBackups(repository, { signal })).toHaveLength(1);
    await forgetBackups(repository, [head], { signal });
    later(6);
    await recallBackup(repository, head, { signal });
    expect(await listBackups(repository, { signal })).toHaveLength(1);
  });

  it('is somewhere, even if a recall takes the copy from the trash at the very moment of the next forget', async () => {
    const { repository, store, head } = await setUp();
    await forgetBackups(repository, [head], { signal });
    const copied = Promise.withResolvers<void>();
    const deleting = Promise.withResolvers<void>();
    const slowRecall = probeStore(store, ['delete'], async () => {
      deleting.resolve();
      await copied.promise;
    });
    const recalled = recallBackup(through(repository, slowRecall), head, { signal });
    await deleting.promise;
    const watchedForget = probeStore(store, ['delete'], async () => {
      copied.resolve();
      await recalled;
    });
    await forgetBackups(through(repository, watchedForget), [head], { signal });
    expect(await listTrash(repository, { signal })).toHaveLength(1);
    await recallBackup(repository, head, { signal });
    expect(await readBack(repository, head)).toEqual(['rows of a table']);
  });

  it('must have been there', async () => {
    const { repository } = await setUp();
    const unknown = { source: 'shop', id: '20200101T000000Z-aaaaaa' };
    expect(await codeFrom(forgetBackups(repository, [unknown], { signal }))).toBe('BACKUP_NOT_FOUND');
    expect(await codeFrom(recallBackup(repository, unknown, { signal }))).toBe('BACKUP_NOT_FOUND');
  });
});
