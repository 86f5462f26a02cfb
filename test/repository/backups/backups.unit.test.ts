import { describe, expect, it } from '@jest/globals';
import { type BackupEntry, listBackups } from '../../../src/repository/backups/backups.ts';
import { forgetBackups } from '../../../src/repository/backups/forget.ts';
import { holdBackup, releaseBackup } from '../../../src/repository/backups/hold.ts';
import type { ManifestHead } from '../../../src/repository/manifest/manifest.ts';
import { headKey, holdKey } from '../../../src/repository/manifest/object-keys.ts';
import { requireSound, resolveBackup } from '../../../src/repository/backups/resolve-backup.ts';
import { backUp, codeFrom, newKeys, newRepository, nameIn, signal } from '../repository-fixture.ts';
import { createMemoryStore, type MemoryStore } from '../memory-store.ts';

const at = (time: string) => () => new Date(time);
const put = async (store: MemoryStore, key: string, document: unknown) => store.put(key, Buffer.from(JSON.stringify(document)), { signal });

const started = (entries: readonly BackupEntry[]) => entries.map((entry) => requireSound(entry).head.startedAt);

async function damageOf(change: (store: MemoryStore, head: ManifestHead, other: ManifestHead) => Promise<unknown>, keys = newKeys()): Promise<string | undefined> {
  const store = createMemoryStore();
  const repository = await newRepository(store, keys);
  const head = await backUp(repository, ['rows']);
  const other = await backUp(repository, ['rows'], { source: 'other' });
  await change(store, head, other);
  const [entry] = await listBackups(repository, { source: 'shop', signal });
  return entry?.state === 'damaged' ? entry.reason : undefined;
}

describe('the list of backups', () => {
  it('is sorted by time, also within one second, of one source or of all', async () => {
    const repository = await newRepository(createMemoryStore());
    const times = ['2026-01-16T18:04:45.300Z', '2026-01-16T18:04:45.100Z', '2026-01-16T18:04:45.200Z', '2025-12-31T23:59:59.000Z'];
    for (const [index, time] of times.entries()) await backUp(repository, ['rows'], { now: at(time), source: index % 2 === 0 ? 'even' : 'odd' });
    expect(started(await listBackups(repository, { signal }))).toEqual(times.toSorted());
    expect(started(await listBackups(repository, { source: 'even', signal }))).toEqual([times[2], times[0]]);
  });

  it('passes over objects that are not ours', async () => {
    const store = createMemoryStore();
    const repository = await newRepository(store);
    await backUp(repository, ['rows']);
    for (const key of ['backups/notes.txt', 'backups/shop/x.json', 'backups/shop/deeper/20260116T180445Z-abcdef.json', 'backups/UPPER/20260116T180445Z-abcdef.json']) {
      await put(store, key, {});
    }
    expect(await listBackups(repository, { signal })).toHaveLength(1);
  });

  it('stays sorted beside a file whose id is no moment', async () => {
    const store = createMemoryStore();
    const repository = await newRepository(store);
    const days = ['05', '01', '04', '02', '03'].map((day) => `2026-01-${day}T00:00:00.000Z`);
    for (const day of days) await backUp(repository, ['rows'], { now: at(day) });
    await put(store, 'backups/shop/20260199T999999Z-abcdef.json', {});
    const [impossible, ...others] = await listBackups(repository, { signal });
    expect(impossible).toMatchObject({ id: '20260199T999999Z-abcdef', state: 'damaged' });
    expect(started(others)).toEqual(days.toSorted());
  });

  it('shows a head as damaged that is larger than any, without reading it', async () => {
    const store = createMemoryStore();
    const repository = await newRepository(store);
    await backUp(repository, ['rows']);
    await store.put('backups/shop/20260116T180445Z-abcdef.json', Buffer.alloc(17 * 1024 * 1024), { signal });
    const [large, sound] = await listBackups(repository, { signal });
    expect(large).toMatchObject({ state: 'damaged', reason: expect.stringContaining('no head is that large') });
    expect(sound).toMatchObject({ state: 'ok' });
  });

  it('shows a head as damaged whose bytes, place or author are not right', async () => {
    expect(await damageOf(async () => undefined)).toBeUndefined();
    expect(await damageOf(async (store, head) => put(store, headKey(head), { ...head, origin: 'elsewhere' }))).toMatch(/seal/);
    expect(await damageOf(async (store, head) => store.put(headKey(head), Buffer.from('{"format":'), { signal }))).toMatch(/not a JSON/);
    expect(await damageOf(async (store, head) => store.put(headKey(head), Buffer.alloc(0), { signal }))).toMatch(/not a JSON/);
    expect(await damageOf(async (store, head, other) => put(store, headKey(head), other))).toMatch(/it is the head of other\//);
    const forged = await damageOf(async (store, head) => {
      const attacker = await newRepository(createMemoryStore(), newKeys());
      await put(store, headKey(head), await backUp(attacker, ['rows']));
    });
    expect(forged).toMatch(/seal/);
  });

  it('shows a head of another repository with the same key as damaged', async () => {
    const keys = newKeys();
    const damage = await damageOf(async (store, head) => put(store, headKey(head), await backUp(await newRepository(createMemoryStore(), keys), ['rows'])), keys);
    expect(damage).toMatch(/another repository/);
  });

  it('shows every flipped bit of a head', async () => {
    const store = createMemoryStore();
    const repository = await newRepository(store);
    const head = await backUp(repository, ['rows']);
    const content = store.objects.get(headKey(head))?.bytes ?? Buffer.alloc(0);
    for (let bit = 0; bit < (content.length - 1) * 8; bit += 13) {
      const flipped = Buffer.from(content);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await store.put(headKey(head), flipped, { signal });
      expect([bit, (await listBackups(repository, { signal }))[0]?.state]).toEqual([bit, 'damaged']);
    }
  });
});

describe('a hold', () => {
  it('is listed with its reason, keeps the backup from being forgotten, and ends', async () => {
    const repository = await newRepository(createMemoryStore(), newKeys());
    const head = await backUp(repository, ['rows']);
    await holdBackup(repository, nameIn(head), { reason: 'audit of 2026', now: new Date(), signal });
    expect(await listBackups(repository, { signal })).toMatchObject([{ held: true, heldReason: 'audit of 2026' }]);
    expect(await codeFrom(forgetBackups(repository, [head], { signal }))).toBe('BACKUP_HELD');
    await releaseBackup(repository, head, { signal });
    expect(await listBackups(repository, { signal })).toMatchObject([{ held: false }]);
    await forgetBackups(repository, [head], { signal });
    expect(await listBackups(repository, { signal })).toEqual([]);
  });

  it('holds even when its own file is damaged', async () => {
    const store = createMemoryStore();
    const repository = await newRepository(store);
    const head = await backUp(repository, ['rows']);
    await put(store, holdKey(head), { reason: 'forged' });
    expect(await listBackups(repository, { signal })).toMatchObject([{ held: true }]);
    expect((await listBackups(repository, { signal }))[0]?.heldReason).toBeUndefined();
    expect(await codeFrom(forgetBackups(repository, [head], { signal }))).toBe('BACKUP_HELD');
  });

  it('needs a backup', async () => {
    const repository = await newRepository(createMemoryStore());
    const hold = holdBackup(repository, { source: 'shop', id: '20260116T180445Z-abcdef' }, { reason: '', now: new Date(), signal });
    expect(await codeFrom(hold)).toBe('BACKUP_NOT_FOUND');
  });
});

const backup = (source: string, id: string, state: 'ok' | 'damaged' = 'ok') =>
  ({ source, id, state, modifiedAt: new Date(), held: false, ...(state === 'ok' ? { head: { startedAt: '' } } : { reason: 'seal' }) }) as BackupEntry;

describe('naming a backup', () => {
  const entries = [
    backup('shop', '20260115T010000Z-aaaaaa'),
    backup('shop', '20260116T180445Z-a1b2c3'),
    backup('shop', '20260116T180445Z-b1b2c3'),
    backup('shop', '20260117T010000Z-dddddd', 'damaged'),
  ];
  const find = async (text: string, among = entries) => resolveBackup(among, text, { store: 'memory:///' }).id;

  it('takes an id, a beginning of one that only one backup has, and latest', async () => {
    expect(await find('20260116T180445Z-a1b2c3')).toBe('20260116T180445Z-a1b2c3');
    expect(await find('20260115')).toBe('20260115T010000Z-aaaaaa');
    expect(await find('20260116T180445Z-b')).toBe('20260116T180445Z-b1b2c3');
    expect(await find('20260117')).toBe('20260117T010000Z-dddddd');
  });

  it('takes the newest sound one for latest', async () => {
    expect(await find('latest')).toBe('20260116T180445Z-b1b2c3');
  });

  it('never guesses: unknown, ambiguous, or of several sources', async () => {
    for (const text of ['2027', 'shop', '', 'lates', 'Z', '%']) expect(await codeFrom(find(text))).toBe('BACKUP_NOT_FOUND');
    expect(await codeFrom(find('latest', []))).toBe('BACKUP_NOT_FOUND');
    expect(await codeFrom(find('20260116'))).toBe('BACKUP_AMBIGUOUS');
    await expect(find('20260116')).rejects.toThrow(/20260116T180445Z-a1b2c3 \(shop\), 20260116T180445Z-b1b2c3 \(shop\)/);
    await expect(find('latest', [...entries, backup('books', '20260118T010000Z-eeeeee')])).rejects.toThrow(/shop.*books/);
  });

  it('does not use a damaged one for content', () => {
    expect(() => requireSound(resolveBackup(entries, '20260117', { store: 'memory:///' }))).toThrow(/20260117T010000Z-dddddd is damaged: seal/);
  });
});
