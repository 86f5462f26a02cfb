import { expect, it } from '@jest/globals';
import { createMemoryAttemptStore } from '../../../src/operations/limits/memory-attempt-store.ts';
import { createMemoryRateLimitStore } from '../../../src/operations/limits/memory-rate-limit-store.ts';

it('limits in memory forget the caller that was heard of longest ago when there are too many', async () => {
  const store = createMemoryRateLimitStore({ maxCallers: 2 });
  const once = { limit: 1, windowSeconds: 60 };
  const take = async (key: string) => (await store.take(key, once)).allowed;
  expect([await take('a'), await take('b'), await take('a'), await take('c'), await take('a'), await take('b')]).toEqual([true, true, false, true, false, true]);
});

it('attempts in memory forget the key that was tried longest ago when there are too many', async () => {
  const store = createMemoryAttemptStore({ maxKeys: 2 });
  const policy = { free: 0, maxWaitSeconds: 60, forgetSeconds: 60 };
  await store.begin('a', policy);
  await store.begin('b', policy);
  await store.begin('c', policy);
  await expect(store.begin('c', policy)).resolves.toBeGreaterThan(0);
  await expect(store.begin('a', policy)).resolves.toBe(0);
});
