import { createHash, randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Store, type StoredObject, type StoreOptions } from '../../../src/repository/stores/store.ts';

/** One kind of store, as the suite gets it. */
export interface StoreUnderTest {
  /** A store of no objects. Each call gives one that shares nothing with the others. */
  readonly openEmpty: () => Promise<Store>;
  /** Another instance on the same objects. */
  readonly reopen: (store: Store) => Promise<Store>;
  /** Whether of several `putIfAbsent` at once exactly one succeeds. */
  readonly holdsConditions: boolean;
  /** How many objects are more than two pages of a listing. */
  readonly manyObjects: number;
}

const options: StoreOptions = { signal: new AbortController().signal };

/** What every store must do, whatever lies underneath. */
export function storeSuite(name: string, { openEmpty, reopen, holdsConditions, manyObjects }: StoreUnderTest): void {
  describe(`${name}, as a store`, () => {
    let store: Store;
    beforeAll(async () => {
      store = await openEmpty();
      await store.prepare(options);
    });
    afterAll(async () => {
      await store.close();
    });

    it('lists nothing of its own after it was prepared, asked for the time, and tried for conditions', async () => {
      const fresh = await openEmpty();
      await fresh.prepare(options);
      await fresh.now(options);
      await fresh.detectConditionalPut(options);
      expect(await listed(fresh, '')).toEqual([]);
      await fresh.close();
    });

    it('gives back what was put, to other instances too', async () => {
      const content = randomBytes(100_000);
      await store.put('parts/ab/first', content, options);
      await store.flush(options);
      expect((await store.get('parts/ab/first', options)).equals(content)).toBe(true);
      const other = await reopen(store);
      expect((await other.get('parts/ab/first', options)).equals(content)).toBe(true);
      await other.close();
    });

    it('keeps an empty object and one of 8 MiB', async () => {
      const large = randomBytes(8 * 1024 * 1024);
      await store.put('sizes/empty', Buffer.alloc(0), options);
      await store.put('sizes/large', large, options);
      expect(await store.get('sizes/empty', options)).toHaveLength(0);
      expect(digest(await store.get('sizes/large', options))).toBe(digest(large));
      expect(await sizes(store, 'sizes/')).toEqual({ 'sizes/empty': 0, 'sizes/large': large.length });
    });

    it('keeps an object of 33 MiB, more than the largest part has', async () => {
      const content = randomBytes(33 * 1024 * 1024);
      await store.put('sizes-of-one/huge', content, options);
      expect(digest(await store.get('sizes-of-one/huge', options))).toBe(digest(content));
      await store.delete('sizes-of-one/huge', options);
    });

    it('takes a view of a larger buffer for what it shows', async () => {
      const whole = randomBytes(1000);
      await store.put('view', new Uint8Array(whole.buffer, whole.byteOffset + 10, 20), options);
      expect(await store.get('view', options)).toEqual(whole.subarray(10, 30));
    });

    it('replaces an object of the same key', async () => {
      await store.put('replaced', Buffer.from('the first, longer content'), options);
      await store.put('replaced', Buffer.from('second'), options);
      expect(String(await store.get('replaced', options))).toBe('second');
      expect(await store.stat('replaced', options)).toMatchObject({ key: 'replaced', size: 6 });
    });

    it('tells of an object that is not there by its key', async () => {
      await expect(store.get('parts/zz/none', options)).rejects.toMatchObject({ code: 'STORE_OBJECT_MISSING', values: { key: 'parts/zz/none' } });
      expect(await store.stat('parts/zz/none', options)).toBeUndefined();
      expect(await store.stat('no/folder/at/all', options)).toBeUndefined();
    });

    it('deletes an object, and one that is not there without a word', async () => {
      await store.put('deleted/one', Buffer.from('1'), options);
      await store.put('deleted/two', Buffer.from('2'), options);
      await store.delete('deleted/one', options);
      await store.delete('deleted/one', options);
      await store.delete('never/was', options);
      expect(Object.keys(await sizes(store, 'deleted/'))).toEqual(['deleted/two']);
      await expect(store.get('deleted/one', options)).rejects.toMatchObject({ code: 'STORE_OBJECT_MISSING' });
    });

    it('lists more objects than one page holds, each once, with its size', async () => {
      const keys = Array.from({ length: manyObjects }, (_, index) => `many/${String(index % 7)}/${String(index)}`);
      await inParallel(keys, (key) => store.put(key, Buffer.from(key), options));
      const found = await listed(store, 'many/');
      expect(found.map(({ key }) => key).toSorted()).toEqual(keys.toSorted());
      expect(found.every(({ key, size }) => size === key.length)).toBe(true);
    });

    it('lists by whole segments of a prefix only', async () => {
      for (const key of ['near/a', 'near/deep/er/b', 'nearby/c', 'near.d', 'near-e/f']) await store.put(key, Buffer.from('x'), options);
      expect(Object.keys(await sizes(store, 'near/'))).toEqual(['near/a', 'near/deep/er/b']);
      expect(await listed(store, 'near/deep/nothing/')).toEqual([]);
      expect(Object.keys(await sizes(store, ''))).toContain('near.d');
    });

    it('keeps keys of every allowed character and of hundreds of characters apart', async () => {
      const keys = ['Az09_-.x', 'az09_-.x', `${'long'.repeat(40)}/${'deep/'.repeat(60)}end`, '-dash', 'dots..in..it', 'a.b/c.d/e-f_g'].map((key) => `odd/${key}`);
      for (const key of keys) await store.put(key, Buffer.from(key), options);
      for (const key of keys) expect(String(await store.get(key, options))).toBe(key);
      expect(Object.keys(await sizes(store, 'odd/'))).toEqual(keys.toSorted());
    });

    it.each(['', '/', 'a//b', '/a', 'a/', '.', '..', '../a', 'a/../b', 'a/./b', '.hidden', 'a/.hidden', 'a b', 'a\\b', 'a\0b', 'ä', 'a\nb', 'a%2fb'])(
      'refuses the key %j',
      async (key) => {
        const refusal = { code: 'STORE_REFUSED' };
        await expect(store.put(key, Buffer.from('x'), options)).rejects.toMatchObject(refusal);
        await expect(store.putIfAbsent(key, Buffer.from('x'), options)).rejects.toMatchObject(refusal);
        await expect(store.get(key, options)).rejects.toMatchObject(refusal);
        await expect(store.stat(key, options)).rejects.toMatchObject(refusal);
        await expect(store.delete(key, options)).rejects.toMatchObject(refusal);
      },
    );

    it('refuses a key of more than 900 characters', async () => {
      await expect(store.put('x'.repeat(901), Buffer.from('x'), options)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    });

    it('refuses a prefix that is no folder of keys', async () => {
      for (const prefix of ['many', '/', '../', 'a/../', '.holdfast/']) await expect(listed(store, prefix)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    });

    it('puts an object only where there is none when asked to', async () => {
      await store.putIfAbsent('heads/one', Buffer.from('first'), options);
      await expect(store.putIfAbsent('heads/one', Buffer.from('second'), options)).rejects.toMatchObject({ code: 'STORE_OBJECT_EXISTS', values: { key: 'heads/one' } });
      await expect(store.putIfAbsent('heads/one', Buffer.from('first'), options)).rejects.toMatchObject({ code: 'STORE_OBJECT_EXISTS' });
      expect(String(await store.get('heads/one', options))).toBe('first');
      await store.delete('heads/one', options);
      await store.putIfAbsent('heads/one', Buffer.from('third'), options);
      expect(String(await store.get('heads/one', options))).toBe('third');
    });

    it('says whether the store itself holds conditions', async () => {
      expect(await store.detectConditionalPut(options)).toBe(holdsConditions);
    });

    (holdsConditions ? it : it.skip)('lets exactly one of twenty writers of a key win, and keeps what that one wrote', async () => {
      const writers = await Promise.all(Array.from({ length: 20 }, () => reopen(store)));
      for (let round = 0; round < 5; round += 1) {
        const key = `race/${String(round)}`;
        const results = await Promise.allSettled(writers.map((writer, index) => writer.putIfAbsent(key, Buffer.from(`writer ${String(index)}`), options)));
        const winners = results.flatMap((result, index) => (result.status === 'fulfilled' ? [index] : []));
        expect(winners).toHaveLength(1);
        expect(String(await store.get(key, options))).toBe(`writer ${String(winners[0])}`);
        for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'STORE_OBJECT_EXISTS' });
      }
      await Promise.all(writers.map((writer) => writer.close()));
    });

    it('shows readers the old or the new content of an object that is being replaced, never a mixture', async () => {
      const contents = [Buffer.alloc(300_000, 1), Buffer.alloc(200_000, 2)] as const;
      await store.put('changing', contents[0], options);
      const write = async () => {
        for (let round = 1; round <= 20; round += 1) await store.put('changing', contents[round % 2 === 0 ? 0 : 1], options);
        return 'done';
      };
      const writing = write();
      do {
        const seen = await store.get('changing', options);
        expect(contents.some((content) => content.equals(seen))).toBe(true);
      } while ((await Promise.race([writing, nextTurn('writing')])) === 'writing');
    });

    it('stamps objects by the clock that `now` reads', async () => {
      const before = await store.now(options);
      await store.put('stamped', Buffer.from('x'), options);
      const { modifiedAt } = (await store.stat('stamped', options)) ?? { modifiedAt: new Date(0) };
      const after = await store.now(options);
      // S3 tells times in whole seconds in some answers.
      expect(modifiedAt.getTime()).toBeGreaterThanOrEqual(before.getTime() - 1000);
      expect(modifiedAt.getTime()).toBeLessThanOrEqual(after.getTime() + 1000);
      const [object] = (await listed(store, '')).filter(({ key }) => key === 'stamped');
      expect(Math.abs((object?.modifiedAt.getTime() ?? 0) - modifiedAt.getTime())).toBeLessThanOrEqual(1000);
    });

    it('does nothing for who has given up already, and says why by the reason', async () => {
      const reason = new Error('stopped by a test');
      const aborted: StoreOptions = { signal: AbortSignal.abort(reason) };
      await store.put('kept', Buffer.from('kept'), options);
      await expect(store.put('kept', Buffer.from('other'), aborted)).rejects.toBe(reason);
      await expect(store.putIfAbsent('never', Buffer.from('x'), aborted)).rejects.toBe(reason);
      await expect(store.get('kept', aborted)).rejects.toBe(reason);
      await expect(store.stat('kept', aborted)).rejects.toBe(reason);
      await expect(store.delete('kept', aborted)).rejects.toBe(reason);
      await expect(store.flush(aborted)).rejects.toBe(reason);
      await expect(listed(store, '', aborted)).rejects.toBe(reason);
      expect(String(await store.get('kept', options))).toBe('kept');
      expect(await store.stat('never', options)).toBeUndefined();
    });

    it('flushes what was put, any number of times', async () => {
      for (const key of ['flushed/a', 'flushed/b']) await store.put(key, Buffer.from(key), options);
      await store.delete('flushed/a', options);
      await store.flush(options);
      await store.flush(options);
      expect(await listed(store, 'flushed/')).toHaveLength(1);
    });
  });
}

/** All objects of a prefix. */
export async function listed(store: Store, prefix: string, storeOptions = options): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const object of store.list(prefix, storeOptions)) objects.push(object);
  return objects;
}

/** Runs work for each item, sixteen at once. */
export async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const remaining = items.values();
  const worker = async () => {
    for (const item of remaining) await work(item);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

async function sizes(store: Store, prefix: string): Promise<Record<string, number>> {
  const objects = await listed(store, prefix);
  return Object.fromEntries(objects.map(({ key, size }) => [key, size] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function digest(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
