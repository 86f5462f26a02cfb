import { describe, expect, it } from '@jest/globals';
import { newBackupId, startBackup } from '../../../src/repository/backups/backup-run.ts';
import { listBackups } from '../../../src/repository/backups/backups.ts';
import type { DraftContent } from '../../../src/repository/backups/commit-backup.ts';
import { BackupId } from '../../../src/repository/manifest/manifest.ts';
import { headKey, referencesKey } from '../../../src/repository/manifest/object-keys.ts';
import { type Store, storeErrors } from '../../../src/repository/stores/store.ts';
import { backUp, codeFrom, dayMs, log, newKeys, newRepository, readBack, reopen, signal, through } from '../repository-fixture.ts';
import { createMemoryStore } from '../memory-store.ts';
import { Died, withCalls } from '../store-probe.ts';

const options = { source: 'shop', engine: 'postgres', origin: 'postgres://db/shop', compression: 'zstd-3', holdfastVersion: '0.1.0' } as const;
const empty: DraftContent = { details: {}, streams: [], stateAt: new Date(), tables: 0, rows: 0, warnings: [] };
const now = () => new Date();

function flipped(content: Uint8Array): Uint8Array {
  return content.with(content.length >>> 1, (content[content.length >>> 1] ?? 0) ^ 1);
}

function cutOff(content: Uint8Array): Uint8Array {
  return content.subarray(0, content.length - 1);
}

/** What a store throws that has found out itself. */
function lostWrite(key: string): Error {
  return storeErrors.STORE_LOST_WRITE({ store: 'memory:///', key, reason: 'other content' });
}

describe.each([['not encrypted', undefined], ['encrypted', newKeys()]])('a backup into a repository that is %s', (_, keys) => {
  it('is listed once it is committed, and reads back as it was written', async () => {
    const repository = await newRepository(createMemoryStore(), keys);
    const head = await backUp(repository, ['one two three', 'four', 'one']);
    const [entry] = await listBackups(await reopen(repository), { signal });
    expect(entry).toMatchObject({ state: 'ok', held: false, head });
    expect(await readBack(repository, head)).toEqual(['one two three', 'four', 'one']);
  });

  it('stores what it shares with a live backup only once, whatever their compression', async () => {
    const repository = await newRepository(createMemoryStore(), keys);
    const first = await backUp(repository, ['one two three']);
    const second = await backUp(repository, ['one two four'], { compression: 'none' });
    expect(first.sizes).toMatchObject({ parts: 3, newParts: 3, raw: 11, newStored: first.sizes.stored });
    expect(second.sizes).toMatchObject({ parts: 3, newParts: 1, raw: 10 });
    expect(await readBack(repository, second)).toEqual(['one two four']);
  });

  it('may be empty', async () => {
    const repository = await newRepository(createMemoryStore(), keys);
    const run = await startBackup({ repository, log, now, signal }, options);
    const head = await run.commit(empty);
    expect(head.sizes).toEqual({ raw: 0, stored: 0, newStored: 0, parts: 0, newParts: 0, tables: 0, rows: 0 });
    expect(await readBack(repository, head)).toEqual([]);
  });
});

describe('a run', () => {
  it.each([0, 3, 4, 20])('stores anew what a run left that died %d days ago', async (days) => {
    const store = createMemoryStore();
    const repository = await newRepository(store);
    const died = await startBackup({ repository, log, now, signal }, options);
    await died.sink.write(Buffer.from('left'));
    expect(await codeFrom(died.commit({ ...empty, streams: [{ kind: 'table', details: {}, rows: 0, bytes: 1, slices: [] }] }))).toBe('BACKUP_CONTENT_INCONSISTENT');
    store.clock = new Date(store.clock.getTime() + days * dayMs);
    expect((await backUp(repository, ['left'])).sizes.newParts).toBe(1);
  });

  it.each([
    ['turned a bit', flipped, lostWrite],
    ['cut them off', cutOff, lostWrite],
    ['turned a bit, of a run that was killed before it looked', flipped, () => new Died()],
    ['cut them off, of a run that was killed before it looked', cutOff, () => new Died()],
  ])('trusts no part that an earlier run left where the store %s', async (_, damage, failure) => {
    const store = createMemoryStore();
    const repository = await newRepository(store, newKeys());
    const put: Store['put'] = async (key, content, storeOptions) => {
      if (!key.startsWith('parts/')) return store.put(key, content, storeOptions);
      await store.put(key, damage(content), storeOptions);
      throw failure(key);
    };
    await expect(backUp(through(repository, withCalls(store, { put })), ['one two'])).rejects.toThrow(failure('parts/').message.slice(0, 4));
    expect(await listBackups(repository, { signal })).toEqual([]);
    store.clock = new Date(store.clock.getTime() + 60_000);
    const head = await backUp(repository, ['one two']);
    expect(head.sizes.newParts).toBe(2);
    expect(await readBack(repository, head)).toEqual(['one two']);
  });

  it.each([
    ['waits for a deletion that may be under way when it stored again what was unlisted and old', 20, [120_000]],
    ['does not wait otherwise', 1, []],
  ])('%s', async (_, days, expected) => {
    const store = createMemoryStore();
    const repository = await newRepository(store);
    const died = await backUp(repository, ['left over']);
    await store.delete(headKey(died), { signal });
    store.clock = new Date(store.clock.getTime() + days * dayMs);
    const waits: number[] = [];
    const sleep = async (ms: number) => waits.push(ms);
    await backUp(repository, ['new'], { sleep });
    await backUp(repository, ['left new'], { sleep });
    expect(waits).toEqual(expected);
  });

  it('does not take a part for stored whose object is missing or has another size', async () => {
    const store = createMemoryStore();
    const repository = await newRepository(store);
    await backUp(repository, ['one two three']);
    const [first, second] = [...store.objects.keys()].filter((key) => key.startsWith('parts/'));
    await store.delete(first ?? '', { signal });
    await store.put(second ?? '', Buffer.from('cut'), { signal });
    const head = await backUp(repository, ['one two three']);
    expect(head.sizes.newParts).toBe(2);
    expect(await readBack(repository, head)).toEqual(['one two three']);
  });

  it('stores anew what only a damaged backup lists', async () => {
    const store = createMemoryStore();
    const repository = await newRepository(store, newKeys());
    const forged = await backUp(repository, ['one']);
    const lost = await backUp(repository, ['two']);
    await backUp(repository, ['three']);
    await store.put(headKey(forged), Buffer.from(JSON.stringify({ ...forged, origin: 'elsewhere' })), { signal });
    await store.put(referencesKey(lost), Buffer.from('damaged'), { signal });
    store.clock = new Date(store.clock.getTime() + 4 * dayMs);
    const head = await backUp(repository, ['one two three']);
    expect(head.sizes.newParts).toBe(2);
    expect(await readBack(repository, head)).toEqual(['one two three']);
  });

  it('does not commit when a part that it wrote or reused is gone', async () => {
    const store = createMemoryStore();
    const repository = await newRepository(store);
    await backUp(repository, ['reused']);
    for (const word of ['reused', 'new']) {
      const run = await startBackup({ repository, log, now, signal }, { ...options, source: 'other' });
      const { name, raw } = await run.sink.write(Buffer.from(word));
      await new Promise(setImmediate);
      for (const key of store.objects.keys()) if (key.includes(name)) store.objects.delete(key);
      const streams = [{ kind: 'table', details: {}, rows: 0, bytes: raw, slices: [{ part: name, raw }] }];
      // The writer still encodes in the background: the put may come after the deletion above.
      const put = store.put.bind(store);
      store.put = async (key, content, storeOptions) => (key.includes(name) ? undefined : put(key, content, storeOptions));
      expect(await codeFrom(run.commit({ ...empty, streams }))).toBe('BACKUP_PARTS_LOST');
      store.put = put;
      expect(await listBackups(repository, { source: 'other', signal })).toEqual([]);
    }
  });

  it.each(['parts', 'references'])('does not commit when the store has accepted its .%s and forgotten them', async (ending) => {
    const store = createMemoryStore();
    const repository = await newRepository(store);
    const put = store.put.bind(store);
    store.put = async (key, content, storeOptions) => (key.endsWith(`.${ending}`) ? undefined : put(key, content, storeOptions));
    expect(await codeFrom(backUp(repository, ['one two']))).toBe('STORE_LOST_WRITE');
    expect(await listBackups(repository, { signal })).toEqual([]);
  });

  it('does not commit after half the grace, by the clock of the store', async () => {
    const store = createMemoryStore();
    const repository = await newRepository(store);
    const run = await startBackup({ repository, log, now, signal }, options);
    store.clock = new Date(store.clock.getTime() + 3.6 * dayMs);
    expect(await codeFrom(run.commit(empty))).toBe('BACKUP_RUN_EXPIRED');
    expect(await listBackups(repository, { signal })).toEqual([]);
  });

  it('does not commit streams that do not add up', async () => {
    const repository = await newRepository(createMemoryStore());
    const commitStream = async (change: (part: string) => Partial<DraftContent['streams'][number]>) => {
      const run = await startBackup({ repository, log, now, signal }, options);
      const { name, raw } = await run.sink.write(Buffer.from('word'));
      return codeFrom(run.commit({ ...empty, streams: [{ kind: 'table', details: {}, rows: 1, bytes: raw, slices: [{ part: name, raw, rows: 1 }], ...change(name) }] }));
    };
    expect(await commitStream(() => ({}))).toBe('no error');
    expect(await commitStream(() => ({ bytes: 5 }))).toBe('BACKUP_CONTENT_INCONSISTENT');
    expect(await commitStream(() => ({ slices: [] }))).toBe('BACKUP_CONTENT_INCONSISTENT');
    expect(await commitStream(() => ({ slices: [{ part: 'a'.repeat(64), raw: 4 }] }))).toBe('BACKUP_CONTENT_INCONSISTENT');
    expect(await commitStream((part) => ({ slices: [{ part, raw: 4, offset: 1, length: 4 }] }))).toBe('BACKUP_CONTENT_INCONSISTENT');
    expect(await commitStream(() => ({ rows: 2 }))).toBe('BACKUP_CONTENT_INCONSISTENT');
  });

  it('never replaces a backup', async () => {
    const store = createMemoryStore();
    const repository = await newRepository(store);
    const run = await startBackup({ repository, log, now, signal }, options);
    await store.put(headKey({ source: 'shop', id: run.id }), Buffer.from('another'), { signal });
    expect(await codeFrom(run.commit(empty))).toBe('STORE_OBJECT_EXISTS');
  });

  it('names itself by the second and six random characters', () => {
    const id = newBackupId(new Date('2026-01-16T18:04:45.999Z'));
    expect(id).toMatch(/^20260116T180445Z-/);
    expect(BackupId.safeParse(id).success).toBe(true);
    expect(newBackupId(new Date('2026-01-16T18:04:45.999Z'))).not.toBe(id);
  });
});
