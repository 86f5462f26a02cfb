import { expect, it } from '@jest/globals';
import { createMemorySessionStore } from '../../../src/operations/sessions/memory-session-store.ts';

const waiting = { signal: new AbortController().signal };
const record = { userId: '1', name: 'Ann', role: 'viewer', createdAt: 0, expiresAt: 1e13 } as const;

it('the memory store ends the session that was used longest ago when there are too many', async () => {
  const store = createMemorySessionStore({ maxSessions: 2 });
  await store.put('a', record, 60, waiting);
  await store.put('b', record, 60, waiting);
  await store.touch('a', 60, waiting);
  await store.put('c', record, 60, waiting);
  const found = await Promise.all(['a', 'b', 'c'].map(async (id) => (await store.get(id, waiting)) !== undefined));
  expect(found).toEqual([true, false, true]);
});
