import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { listBackups } from '../../../src/repository/backups/backups.ts';
import { forgetBackups, listTrash, recallBackup } from '../../../src/repository/backups/forget.ts';
import { holdBackup } from '../../../src/repository/backups/hold.ts';
import type { ManifestHead } from '../../../src/repository/manifest/manifest.ts';
import { bodyKey, headKey, holdKey, referencesKey, trashKey } from '../../../src/repository/manifest/object-keys.ts';
import { compress } from '../../../src/repository/encoding/zstd.ts';
import { writeSealed } from '../../../src/repository/manifest/sealed-document.ts';
import { type PruneOptions, pruneRepository } from '../../../src/repository/prune/prune.ts';
import type { Repository } from '../../../src/repository/repository.ts';
import { backUp, codeFrom, dayMs, log, newKeys, newRepository, readBack, signal, through } from '../repository-fixture.ts';
import { createMemoryStore } from '../memory-store.ts';
import { probeStore } from '../store-probe.ts';

async function setUp() {
  const store = createMemoryStore();
  const repository = await newRepository(store, newKeys());
  const later = (days: number) => {
    store.clock = new Date(store.clock.getTime() + days * dayMs);
  };
  const parts = () => [...store.objects.keys()].filter((key) => key.startsWith('parts/'));
  return { store, repository, later, parts };
}

const prune = async (repository: Repository, options: Partial<PruneOptions> = {}) => pruneRepository(repository, { log, signal, ...options });
const readAll = async (repository: Repository, heads: readonly ManifestHead[]) => Promise.all(heads.map(async (head) => readBack(repository, head)));

describe('prune', () => {
  it('deletes nothing of live backups, however old', async () => {
    const { repository, later } = await setUp();
    const heads = [await backUp(repository, ['one two']), await backUp(repository, ['two three'])];
    later(4000);
    expect(await prune(repository)).toEqual({ backups: 0, files: 0, parts: 0, bytes: 0, partsKept: 3 });
    expect(await readAll(repository, heads)).toEqual([['one two'], ['two three']]);
  });

  it('deletes a forgotten backup after its grace, and of its parts only what no other lists', async () => {
    const { repository, later, parts, store } = await setUp();
    const forgotten = await backUp(repository, ['one two']);
    const kept = await backUp(repository, ['two three']);
    await forgetBackups(repository, [forgotten], { signal });
    later(7);
    expect(await prune(repository)).toMatchObject({ backups: 0, parts: 0 });
    expect(await listTrash(repository, { signal })).toHaveLength(1);
    later(1);
    const before = [...store.objects.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
    const dry = await prune(repository, { dryRun: true });
    expect(parts()).toHaveLength(3);
    const pruned = await prune(repository);
    expect(pruned).toEqual(dry);
    expect(pruned).toMatchObject({ backups: 1, files: 2, parts: 1, partsKept: 2 });
    const after = [...store.objects.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(before - after).toBeGreaterThanOrEqual(pruned.bytes);
    expect([headKey, bodyKey, referencesKey, trashKey].filter((keyOf) => store.objects.has(keyOf(forgotten)))).toEqual([]);
    expect(await readBack(repository, kept)).toEqual(['two three']);
    expect(await prune(repository)).toMatchObject({ backups: 0, files: 0, parts: 0 });
  });

  it('deletes what runs left behind that did not end, once it is older than the grace', async () => {
    const { store, repository, later } = await setUp();
    const died = await backUp(repository, ['left over']);
    store.objects.delete(headKey(died));
    store.objects.set(holdKey(died), { bytes: Buffer.from(''), modifiedAt: store.clock });
    expect(await prune(repository)).toMatchObject({ files: 0, parts: 0, partsKept: 2 });
    later(8);
    expect(await codeFrom(prune(repository))).toBe('MASS_SWEEP_REFUSED');
    expect(await prune(repository, { confirmed: true })).toMatchObject({ backups: 0, files: 3, parts: 2 });
    expect([...store.objects.keys()]).toEqual(['repository.json']);
  });

  it('keeps what is dated in the future', async () => {
    const { repository, later, parts } = await setUp();
    await backUp(repository, ['left'], { source: 'lost' });
    later(-365);
    const entries = await listBackups(repository, { signal });
    await forgetBackups(repository, entries, { signal });
    later(8);
    expect(await prune(repository)).toMatchObject({ backups: 1, parts: 0 });
    expect(parts()).toHaveLength(1);
  });

  it('leaves alone what is not ours', async () => {
    const { store, repository, later } = await setUp();
    const keys = ['parts/README', 'parts/ab/short.zst', `parts/ff/${'ab'.repeat(32)}.zst`, 'backups/shop/notes.txt', 'other/file'];
    for (const key of keys) await store.put(key, Buffer.from('x'), { signal });
    later(100);
    await prune(repository);
    expect(keys.filter((key) => !store.objects.has(key))).toEqual([]);
  });

  it('counts a backup as live that was only half forgotten', async () => {
    const { store, repository, later } = await setUp();
    const head = await backUp(repository, ['rows']);
    await store.put(trashKey(head), store.objects.get(headKey(head))?.bytes ?? Buffer.alloc(0), { signal });
    later(100);
    expect(await prune(repository)).toMatchObject({ backups: 0, parts: 0 });
    expect(await readBack(repository, head)).toEqual(['rows']);
  });

  it('keeps a forgotten backup that is held nevertheless', async () => {
    const { repository, later } = await setUp();
    const head = await backUp(repository, ['rows']);
    await holdBackup(repository, head, { reason: 'audit', now: new Date(), signal });
    const { store } = repository;
    await store.put(trashKey(head), await store.get(headKey(head), { signal }), { signal });
    await store.delete(headKey(head), { signal });
    later(100);
    expect(await prune(repository)).toMatchObject({ backups: 0, parts: 0, files: 0 });
  });

  it('finds a head that the listing left out', async () => {
    const { store, repository, later } = await setUp();
    const heads = [await backUp(repository, ['one']), await backUp(repository, ['two'])];
    const list = store.list.bind(store);
    const [unlisted] = heads;
    store.list = async function* forgetful(prefix, options) {
      for await (const object of list(prefix, options)) if (unlisted && object.key !== headKey(unlisted)) yield object;
    };
    later(100);
    expect(await prune(repository)).toMatchObject({ files: 0, parts: 0 });
    expect(await readAll(repository, heads)).toEqual([['one'], ['two']]);
  });

  it.each([
    ['a live head is damaged', headKey, false],
    ['references of a live backup are damaged', referencesKey, false],
    ['references of a recallable backup are damaged', referencesKey, true],
    ['a recallable head is damaged', trashKey, true],
  ])('refuses while %s, and goes on when it is given up', async (_, keyOf, isForgotten) => {
    const { store, repository, later, parts } = await setUp();
    const damaged = await backUp(repository, ['only here']);
    const sound = await backUp(repository, ['elsewhere here']);
    later(20);
    if (isForgotten) await forgetBackups(repository, [damaged], { signal });
    await store.put(keyOf(damaged), Buffer.from('{}'), { signal });
    expect(await codeFrom(prune(repository))).toBe('PRUNE_BLOCKED');
    await expect(prune(repository)).rejects.toThrow(damaged.id);
    expect(parts()).toHaveLength(3);
    expect(await codeFrom(prune(repository, { giveUp: [sound.id] }))).toBe('PRUNE_GIVE_UP_REFUSED');
    expect(await prune(repository, { giveUp: [damaged.id] })).toMatchObject({ backups: 1, files: 2, parts: 1 });
    expect(await listBackups(repository, { signal })).toHaveLength(1);
    expect(await readBack(repository, sound)).toEqual(['elsewhere here']);
    expect(await prune(repository)).toMatchObject({ backups: 0, files: 0, parts: 0 });
  });

  it('names a backup whose sealed references list what is no part', async () => {
    const store = createMemoryStore();
    const repository = await newRepository(store);
    const { seal: _, ...head } = await backUp(repository, ['rows']);
    const forged = await compress(Buffer.from(`${'x'.repeat(64)}.zst 5\n`), 3);
    const references = { size: forged.length, sha256: createHash('sha256').update(forged).digest('hex') };
    await store.put(referencesKey(head), forged, { signal });
    await store.put(headKey(head), writeSealed({ ...head, references }, repository.encryption), { signal });
    expect(await codeFrom(prune(repository))).toBe('PRUNE_BLOCKED');
    expect(await codeFrom(backUp(repository, ['rows']))).toBe('no error');
  });

  it('refuses while references are missing, too', async () => {
    const { store, repository } = await setUp();
    const head = await backUp(repository, ['rows']);
    await store.delete(referencesKey(head), { signal });
    await expect(prune(repository)).rejects.toThrow(head.id);
  });

  it('keeps a part that a run stores again while prune is about to delete it', async () => {
    const { store, repository, later } = await setUp();
    const died = await backUp(repository, ['again lost']);
    await store.delete(headKey(died), { signal });
    later(20);
    let isReached = false;
    const probed = probeStore(store, ['stat'], async (_, key) => {
      if (isReached || !key.startsWith('parts/')) return;
      isReached = true;
      later(0.001);
      await backUp(repository, ['again']);
    });
    expect(await prune(through(repository, probed), { confirmed: true })).toMatchObject({ parts: 2 });
    expect(isReached).toBe(true);
    const [entry] = await listBackups(repository, { signal });
    expect(entry?.state === 'ok' && (await readBack(repository, entry.head))).toEqual(['again']);
  });

  it('tells how far it is', async () => {
    const { repository, later } = await setUp();
    const head = await backUp(repository, ['one two three']);
    await forgetBackups(repository, [head], { signal });
    later(8);
    const seen: unknown[] = [];
    await prune(repository, { onProgress: (progress) => seen.push(progress) });
    expect(seen.at(-1)).toEqual({ deleted: 6, total: 6 });
  });

  it('frees what a recalled backup does not need', async () => {
    const { repository, later } = await setUp();
    const recalled = await backUp(repository, ['one two']);
    const gone = await backUp(repository, ['two three']);
    await forgetBackups(repository, [recalled, gone], { signal });
    later(6);
    await recallBackup(repository, recalled, { signal });
    later(3);
    expect(await prune(repository)).toMatchObject({ backups: 1, parts: 1 });
    expect(await readBack(repository, recalled)).toEqual(['one two']);
  });
});

/** As many contents, each a word, as a fixture makes parts of. */
const words = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index}`).join(' ');

describe('prune before it deletes most of a repository', () => {
  it('refuses where backups are not listed, and deletes nothing until that is confirmed', async () => {
    const { store, repository, later, parts } = await setUp();
    await backUp(repository, [words('a', 150)]);
    later(100);
    const list = store.list.bind(store);
    store.list = async function* stale(prefix, options) {
      if (!prefix.startsWith('backups/')) yield* list(prefix, options);
    };
    const before = store.objects.size;
    expect(await codeFrom(prune(repository))).toBe('MASS_SWEEP_REFUSED');
    await expect(prune(repository)).rejects.toMatchObject({ category: 'safety', message: expect.stringContaining('150 of the 150 parts') });
    expect(store.objects.size).toBe(before);
    expect(await prune(repository, { dryRun: true })).toMatchObject({ parts: 150 });
    expect(await prune(repository, { confirmed: true })).toMatchObject({ parts: 150 });
    expect(parts()).toEqual([]);
  });

  it('refuses where somebody removed heads by hand, though all else is there', async () => {
    const { store, repository, later } = await setUp();
    const heads = [await backUp(repository, [words('a', 120)]), await backUp(repository, [words('b', 100)])];
    later(100);
    store.objects.delete(headKey(heads[0] as ManifestHead));
    expect(await codeFrom(prune(repository))).toBe('MASS_SWEEP_REFUSED');
    expect(store.objects.has(referencesKey(heads[0] as ManifestHead))).toBe(true);
  });

  it('refuses where no backup is left that anybody forgot, however few parts there are', async () => {
    const { store, repository, later, parts } = await setUp();
    const head = await backUp(repository, ['three small parts']);
    for (const key of [headKey(head), referencesKey(head)]) store.objects.delete(key);
    later(100);
    expect(await codeFrom(prune(repository))).toBe('MASS_SWEEP_REFUSED');
    expect(parts()).toHaveLength(3);
  });

  it('does not ask for parts of backups that were forgotten and have expired, however many', async () => {
    const { repository, later, parts } = await setUp();
    const forgotten = await backUp(repository, [words('a', 300)]);
    const kept = await backUp(repository, ['few words']);
    await forgetBackups(repository, [forgotten], { signal });
    later(8);
    expect(await prune(repository)).toMatchObject({ backups: 1, parts: 300 });
    expect(parts()).toHaveLength(2);
    expect(await readBack(repository, kept)).toEqual(['few words']);
  });

  it('does not ask for what a run left that did not end, while most of the repository stays', async () => {
    const { store, repository, later } = await setUp();
    await backUp(repository, [words('a', 200)]);
    store.objects.delete(headKey(await backUp(repository, [words('b', 150)])));
    later(100);
    expect(await prune(repository)).toMatchObject({ parts: 150, partsKept: 200 });
  });
});
