import { describe, expect, it } from '@jest/globals';
import { createMemoryCacheStore } from '../../../src/operations/cache/memory-cache-store.ts';

describe('createMemoryCacheStore', () => {
  it('keeps to its bytes: what was used longest ago goes first', async () => {
    const store = createMemoryCacheStore({ maxBytes: 2 * 3 * 11 });
    for (const key of ['a', 'b', 'c']) await store.put(key, '0123456789', 60);
    await store.get('a');
    await store.put('d', '0123456789', 60);
    expect(await Promise.all(['a', 'b', 'c', 'd'].map(async (key) => (await store.get(key)) !== undefined))).toEqual([true, false, true, true]);
  });

  it('does not keep what is larger than all of it, and counts replaced and deleted texts once', async () => {
    const store = createMemoryCacheStore({ maxBytes: 100 });
    await store.put('large', 'x'.repeat(100), 60);
    expect(await store.get('large')).toBeUndefined();
    for (let each = 0; each < 100; each += 1) await store.put('same', 'x'.repeat(20), 60);
    await store.delete('same');
    await store.put('a', 'x'.repeat(20), 60);
    await store.put('b', 'x'.repeat(20), 60);
    expect(await store.get('a')).toBeDefined();
    expect(await store.get('b')).toBeDefined();
  });
});
