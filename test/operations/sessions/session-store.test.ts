import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SessionRecord } from '../../../src/operations/sessions/session-store.ts';
import { type OpenedStore, sessionStores } from './session-stores.ts';

const waiting = { signal: new AbortController().signal };
const newId = () => randomBytes(32).toString('hex');
const recordOf = (userId: string): SessionRecord => ({ userId, name: '李雷', role: 'operator', createdAt: Date.now(), expiresAt: Date.now() + 60_000 });

describe.each(sessionStores)('a session store ($name)', ({ open }) => {
  let opened: OpenedStore;
  beforeEach(async () => { opened = await open(); });
  afterEach(async () => opened.close());

  it('knows nothing of an id that was never put', async () => {
    await expect(opened.store.get(newId(), waiting)).resolves.toBeUndefined();
    await expect(opened.store.delete(newId(), waiting)).resolves.toBeUndefined();
    await expect(opened.store.deleteOf('nobody', waiting)).resolves.toBeUndefined();
  });

  it('gives back what was put, and how long it still lives', async () => {
    const [id, record] = [newId(), recordOf('1')];
    await opened.store.put(id, record, 30, waiting);
    const found = await opened.store.get(id, waiting);
    expect(found?.record).toEqual(record);
    expect(found?.remainingSeconds).toBeGreaterThan(28);
    expect(found?.remainingSeconds).toBeLessThanOrEqual(30);
  });

  it('forgets a session when its time is over, unless it was touched', async () => {
    const [left, touched] = [newId(), newId()];
    await opened.store.put(left, recordOf('1'), 0.3, waiting);
    await opened.store.put(touched, recordOf('1'), 0.3, waiting);
    await opened.store.touch(touched, 30, waiting);
    await sleep(400);
    await expect(opened.store.get(left, waiting)).resolves.toBeUndefined();
    expect((await opened.store.get(touched, waiting))?.remainingSeconds).toBeGreaterThan(28);
  });

  it('never brings a session back by touching it', async () => {
    const id = newId();
    await opened.store.put(id, recordOf('1'), 30, waiting);
    await opened.store.delete(id, waiting);
    await opened.store.touch(id, 30, waiting);
    await expect(opened.store.get(id, waiting)).resolves.toBeUndefined();
  });

  it('deletes all sessions of one user and none of another', async () => {
    const [first, second, other] = [newId(), newId(), newId()];
    await opened.store.put(first, recordOf('1'), 30, waiting);
    await opened.store.put(second, recordOf('1'), 30, waiting);
    await opened.store.put(other, recordOf('2'), 30, waiting);
    await opened.store.touch(second, 40, waiting);
    await opened.store.deleteOf('1', waiting);
    await expect(opened.store.get(first, waiting)).resolves.toBeUndefined();
    await expect(opened.store.get(second, waiting)).resolves.toBeUndefined();
    await expect(opened.store.get(other, waiting)).resolves.toBeDefined();
  });
});
