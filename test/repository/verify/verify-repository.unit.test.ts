import { beforeEach, describe, expect, it } from '@jest/globals';
import { forgetBackups } from '../../../src/repository/backups/forget.ts';
import type { ManifestHead } from '../../../src/repository/manifest/manifest.ts';
import { bodyKey, damageMarkKey, damageMarksFolder, headKey, nameOf } from '../../../src/repository/manifest/object-keys.ts';
import { writeSealed } from '../../../src/repository/manifest/sealed-document.ts';
import { pruneRepository } from '../../../src/repository/prune/prune.ts';
import { openRepository, type Repository } from '../../../src/repository/repository.ts';
import { storeErrors } from '../../../src/repository/stores/store.ts';
import type { PartShare } from '../../../src/repository/verify/part-share.ts';
import { createMemoryStore, type MemoryStore } from '../memory-store.ts';
import { backUp, codeFrom, dayMs, log, newKeys, newRepository, readBack, reopen, signal, through } from '../repository-fixture.ts';
import { probeStore, withCalls } from '../store-probe.ts';
import { backupsByPart, createSample, verify } from './verify-fixture.ts';

let store: MemoryStore;
let repository: Repository;
beforeEach(async () => {
  store = createMemoryStore();
  repository = await newRepository(store);
});

const partKeys = () => [...store.objects.keys()].filter((key) => key.startsWith('parts/'));

/** Changes one byte in the middle, as a failing disk does: size and time stay. */
function damage(key: string): void {
  const whole = store.objects.get(key);
  if (!whole) throw new Error(`there is no ${key}`);
  const bytes = Buffer.from(whole.bytes);
  bytes[bytes.length >>> 1] = (bytes[bytes.length >>> 1] ?? 0) ^ 0xff;
  store.objects.set(key, { ...whole, bytes });
}

/** Thirty parts. */
const words = (name: string) => Array.from({ length: 30 }, (_, index) => `${name}${index}`).join(' ');

/** A backup whose first part was cut off after some bytes. */
async function cutOff(size: number): Promise<{ head: ManifestHead; key: string }> {
  const head = await backUp(repository, ['the same words', 'and others'], { compression: 'none' });
  const [key = ''] = partKeys();
  const whole = store.objects.get(key);
  if (whole) store.objects.set(key, { ...whole, bytes: whole.bytes.subarray(0, size) });
  return { head, key };
}

describe('reading a share of the parts', () => {
  it('reads in m runs every part exactly once, also when backups come between', async () => {
    await backUp(repository, [words('a')]);
    const before = new Set(partKeys());
    const read: string[] = [];
    const readShare = async (share: PartShare) => {
      const probed = through(repository, probeStore(store, ['get'], (_, key) => void (key.startsWith('parts/') && read.push(key))));
      const { partsRead, found } = await verify(probed, { share });
      expect(found).toBe(0);
      return partsRead;
    };
    const reads = [];
    for (let number = 1; number <= 7; number += 1) {
      reads.push(await readShare({ number, of: 7 }));
      if (number === 4) await backUp(repository, [words('b')]);
    }
    expect(read).toHaveLength(new Set(read).size);
    expect(reads.reduce((sum, count) => sum + count, 0)).toBe(read.length);
    expect([...before].filter((key) => !read.includes(key))).toEqual([]);
  });

  it('tells how much there is to read, and reads a part that many backups share once', async () => {
    await backUp(repository, ['one two', 'one']);
    await backUp(repository, ['one three']);
    const told: number[] = [];
    const done: number[] = [];
    const { partsRead, parts, bytes } = await verify(repository, { onReading: (total) => told.push(total), onRead: (part) => done.push(part) });
    expect([partsRead, parts]).toEqual([3, 3]);
    expect(told).toEqual([bytes]);
    expect(done.reduce((sum, part) => sum + part, 0)).toBe(bytes);
  });

  it('says before it begins that it needs an identity, and whose', async () => {
    const keys = newKeys();
    const { store: encrypted, repository: whole } = await createSample(keys);
    const { identities: _, ...writing } = keys;
    const gets: string[] = [];
    const opened = await openRepository(encrypted, { keys: { ...writing, identities: [] }, signal });
    const probed = through(opened, probeStore(encrypted, ['get'], (__, key) => void gets.push(key)));
    expect(await codeFrom(verify(probed))).toBe('REPOSITORY_IDENTITY_REQUIRED');
    expect(gets).toEqual([]);
    expect(await verify(probed, { share: undefined })).toMatchObject({ bodiesRead: false, found: 0 });
    const others = await openRepository(encrypted, { keys: { ...writing, identities: newKeys().identities }, signal });
    expect(await codeFrom(verify(others))).toBe('DECRYPTION_REFUSED');
    expect(await verify(await reopen(whole))).toMatchObject({ found: 0 });
  });

  it('stops with the reason of an abort', async () => {
    await backUp(repository, ['one two three four five six']);
    const controller = new AbortController();
    const reason = new Error('stopped');
    const probed = through(repository, withCalls(store, {
      get: async (key, options) => {
        if (key.startsWith('parts/')) controller.abort(reason);
        options.signal.throwIfAborted();
        return store.get(key, options);
      },
    }));
    await expect(verify(probed, { signal: controller.signal })).rejects.toBe(reason);
  });

  it('goes on where a disk cannot read an object, and names it', async () => {
    await backUp(repository, ['one two', 'three']);
    const [bad = ''] = partKeys();
    const cause = Object.assign(new Error('i/o error'), { code: 'EIO' });
    const failing = probeStore(store, ['get'], (_, key) => {
      if (key === bad) throw storeErrors.STORE_FAILED({ store: store.url, operation: 'read', key, reason: 'i/o error (EIO)' }, { cause });
    });
    expect(await verify(through(repository, failing))).toMatchObject({ found: 1, partsRead: 3, findings: [{ object: bad, problem: 'damaged' }] });
  });

  it('takes a part that is read right the second time for sound, and fails where the store does', async () => {
    await backUp(repository, ['one']);
    const [key = ''] = partKeys();
    let gets = 0;
    const flaky = withCalls(store, { get: async (object, options) => (object === key && (gets += 1) === 1 ? Buffer.from('garbage') : store.get(object, options)) });
    expect(await verify(through(repository, flaky))).toMatchObject({ found: 0, partsRead: 1 });
    const broken = probeStore(store, ['get'], (_, object) => {
      if (object === key) throw new Error('cut off');
    });
    await expect(verify(through(repository, broken))).rejects.toThrow('cut off');
  });
});

describe('a part of another size than a backup states', () => {
  it('is read even when no part is asked for, and damage is told from a newer run’s compression', async () => {
    const { head, key } = await cutOff(2);
    expect(await verify(repository, { share: undefined })).toMatchObject({ found: 1, partsRead: 1, findings: [{ object: key, problem: 'damaged', backups: [nameOf(head)] }] });
  });

  it('is in doubt where nothing can be read, and stored anew by the next backup', async () => {
    const keys = newKeys();
    store = createMemoryStore();
    repository = await newRepository(store, keys);
    const { head, key } = await cutOff(20);
    const blind = await openRepository(store, { keys: { ...keys, identities: [] }, signal });
    expect(await verify(blind, { share: undefined })).toMatchObject({ found: 1, findings: [{ object: key, problem: 'wrong-size', backups: [nameOf(head)] }] });
    await backUp(repository, ['the same words', 'and others'], { compression: 'none' });
    expect(await verify(repository)).toMatchObject({ found: 0 });
  });

  it('is no finding where another run has stored the same content with another level', async () => {
    const text = Array.from({ length: 3000 }, (_, index) => (index * index * 7919).toString(36)).join(',');
    const first = await backUp(repository, [text], { compression: 'zstd-1' });
    const [key = ''] = partKeys();
    // As if the two had run side by side.
    const second = createMemoryStore();
    await backUp(await newRepository(second), [text], { compression: 'zstd-19' });
    const other = second.objects.get(key)?.bytes ?? Buffer.alloc(0);
    expect(other.length).not.toBe(store.objects.get(key)?.bytes.length);
    await store.put(key, other, { signal });
    expect(await verify(repository, { share: undefined })).toMatchObject({ found: 0, partsRead: 1 });
    expect(await readBack(repository, first)).toEqual([text]);
  });
});

describe('a backup that is recalled while heads are listed', () => {
  it('is looked at', async () => {
    const head = await backUp(repository, ['kept']);
    const content = await store.get(headKey(head), { signal });
    store.objects.delete(headKey(head));
    const [key = ''] = partKeys();
    damage(key);
    const list = store.list.bind(store);
    store.list = async function* recalling(prefix, options) {
      yield* list(prefix, options);
      if (prefix.startsWith('trash/')) await store.put(headKey(head), content, { signal });
    };
    expect(await verify(repository)).toMatchObject({ backups: 1, found: 1, findings: [{ object: key, backups: [nameOf(head)] }] });
  });
});

describe('repairing', () => {
  it('marks a damaged part, so that the next backup stores it anew and the old ones are whole again', async () => {
    const old = await backUp(repository, ['kept kept2', 'gone']);
    const bystander = await backUp(repository, ['kept'], { source: 'other' });
    const key = partKeys().find((part) => store.objects.get(part)?.bytes.includes('kept2')) ?? '';
    damage(key);
    store.clock = new Date(store.clock.getTime() + dayMs);

    // Not marked: the damage goes on into every new backup.
    const poisoned = await backUp(repository, ['kept2']);
    expect(await verify(repository)).toMatchObject({ found: 1, findings: [{ object: key, problem: 'damaged', backups: [nameOf(old), nameOf(poisoned)].toSorted() }] });
    expect([...store.objects.keys()].filter((object) => object.startsWith(damageMarksFolder))).toEqual([]);

    expect(await verify(repository, { repair: true })).toMatchObject({ found: 1, findings: [{ object: key, marked: true }] });
    // From now on it is known without reading.
    expect(await verify(repository, { share: undefined })).toMatchObject({ found: 1, findings: [{ object: key, marked: true }] });
    expect(await codeFrom(readBack(repository, old))).toBe('OBJECT_CORRUPT');

    const fresh = await backUp(repository, ['kept2', 'new']);
    expect(fresh.sizes.newParts).toBe(2);
    expect(await verify(repository)).toMatchObject({ found: 0 });
    for (const [head, texts] of [[old, ['kept kept2', 'gone']], [poisoned, ['kept2']], [bystander, ['kept']]] as const) expect(await readBack(repository, head)).toEqual(texts);
    // And then it is reused like any other.
    expect((await backUp(repository, ['kept2', 'new'])).sizes.newParts).toBe(0);
  });

  it('finds a part sound again that was put back with its old time, and takes its mark away', async () => {
    const head = await backUp(repository, ['kept']);
    const [key = ''] = partKeys();
    const sound = store.objects.get(key);
    damage(key);
    expect(await verify(repository, { repair: true })).toMatchObject({ found: 1 });
    if (sound) store.objects.set(key, sound);
    expect(await verify(repository)).toMatchObject({ found: 0 });
    expect(await verify(repository, { share: undefined })).toMatchObject({ found: 1, findings: [{ marked: true }] });
    expect(await verify(repository, { repair: true })).toMatchObject({ found: 0 });
    expect([...store.objects.keys()].filter((object) => object.startsWith(damageMarksFolder))).toEqual([]);
    expect(await verify(repository, { share: undefined })).toMatchObject({ found: 0 });
    expect(await readBack(repository, head)).toEqual(['kept']);
  });

  it('makes no backup wait for a prune that cannot take the part: a backup lists it', async () => {
    await backUp(repository, ['kept']);
    const [key = ''] = partKeys();
    damage(key);
    await verify(repository, { repair: true });
    store.clock = new Date(store.clock.getTime() + 6 * dayMs);
    const waits: number[] = [];
    const { sizes } = await backUp(repository, ['kept'], { sleep: async (ms) => waits.push(ms) });
    expect([sizes.newParts, waits]).toEqual([1, []]);
  });

  it('leaves marks that say nothing any more to prune', async () => {
    await backUp(repository, ['kept']);
    const [key = ''] = partKeys();
    damage(key);
    await verify(repository, { repair: true });
    const isMarked = () => [...store.objects.keys()].some((object) => object.startsWith(damageMarksFolder));
    await pruneRepository(repository, { log, signal });
    expect(isMarked()).toBe(true);
    store.clock = new Date(store.clock.getTime() + dayMs);
    await backUp(repository, ['kept']);
    await pruneRepository(repository, { log, signal });
    expect(isMarked()).toBe(false);
    expect(await verify(repository)).toMatchObject({ found: 0 });
  });

  it('believes no mark that is forged, of another part, or of another repository', async () => {
    await backUp(repository, ['kept', 'other']);
    const [key = '', another = ''] = partKeys();
    damage(key);
    await verify(repository, { repair: true });
    const mark = [...store.objects.keys()].find((object) => object.startsWith(damageMarksFolder)) ?? '';
    const content = await store.get(mark, { signal });
    await store.put(damageMarkKey(another.slice(9, 73), 'zst'), content, { signal });
    await store.put(mark, Buffer.from(content.toString().replace('"reason"', '"because"')), { signal });
    expect(await verify(repository, { share: undefined })).toMatchObject({ found: 0 });
    expect(await verify(repository)).toMatchObject({ found: 1, findings: [{ object: key }] });
    const { seal: _, ...document } = JSON.parse(content.toString()) as Record<string, unknown>;
    await store.put(mark, writeSealed({ ...document, repository: 'another' }, { kind: 'none' }), { signal });
    expect(await verify(repository, { share: undefined })).toMatchObject({ found: 0 });
    await store.put(mark, writeSealed(document, { kind: 'none' }), { signal });
    expect(await verify(repository, { share: undefined })).toMatchObject({ found: 1, findings: [{ object: key, marked: true }] });
  });
});

describe('verifying', () => {
  it('looks only at the source or the backup that was asked for, and names all backups that its findings touch', async () => {
    const sample = await createSample();
    ({ store, repository } = sample);
    const [, first, second, books] = sample.heads;
    const byPart = await backupsByPart(sample);
    const [shared = '', touched = []] = [...byPart].find(([, names]) => names.length === 4) ?? [];
    damage(shared);
    expect(await verify(repository, { source: 'books' })).toMatchObject({ backups: 1, found: 1, findings: [{ object: shared, backups: touched }] });
    expect(await verify(repository, { backup: books })).toMatchObject({ backups: 1, found: 1 });
    await store.delete(bodyKey(first as ManifestHead), { signal });
    expect(await verify(repository, { backup: second })).toMatchObject({ backups: 1, found: 1, headless: [] });
    expect(await verify(repository, { backup: first })).toMatchObject({ found: 1, findings: [{ kind: 'body', problem: 'missing' }] });
  });

  it('finds no fault in what a prune does meanwhile', async () => {
    const gone = await backUp(repository, ['alone']);
    await backUp(repository, ['stays']);
    await forgetBackups(repository, [gone], { signal });
    store.clock = new Date(store.clock.getTime() + 9 * dayMs);
    let isPruned = false;
    const probed = through(repository, probeStore(store, ['get'], async (_, key) => {
      if (isPruned || key !== bodyKey(gone)) return;
      isPruned = true;
      await pruneRepository(repository, { log, signal });
    }));
    expect(await verify(probed)).toMatchObject({ found: 0, findings: [] });
    expect(isPruned).toBe(true);
  });

  it('counts everything and keeps a thousand findings when a store has lost all', async () => {
    const head = await backUp(repository, [Array.from({ length: 1200 }, (_, index) => `w${index}`).join(' ')]);
    for (const key of partKeys()) await store.delete(key, { signal });
    const { found, findings } = await verify(repository);
    expect([found, findings.length]).toEqual([1200, 1000]);
    expect(findings[0]?.backups).toEqual([nameOf(head)]);
  });

  it('tells references that list other parts than the body, under a seal that is right', async () => {
    const [one, other] = [await backUp(repository, ['one two']), await backUp(repository, ['one three'])];
    const { seal: _, ...document } = JSON.parse((await store.get(headKey(one), { signal })).toString()) as Record<string, unknown>;
    await store.put(headKey(one), writeSealed({ ...document, references: other.references }, repository.encryption), { signal });
    const references = `backups/${nameOf(one)}.references`;
    await store.put(references, await store.get(`backups/${nameOf(other)}.references`, { signal }), { signal });
    expect(await verify(repository)).toMatchObject({ found: 1, findings: [{ object: references, problem: 'inconsistent', backups: [nameOf(one)] }] });
  });

  it('needs no permission to write', async () => {
    const sample = await createSample();
    const readOnly = probeStore(sample.store, ['put', 'putIfAbsent', 'delete', 'flush', 'now'], (call) => {
      throw new Error(`verify may not ${call}`);
    });
    expect(await verify(through(sample.repository, readOnly))).toMatchObject({ found: 0 });
  });
});
