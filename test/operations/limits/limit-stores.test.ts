import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { limitStores, type OpenedStores } from './limit-stores.ts';

describe.each(limitStores)('limits ($name)', ({ open }) => {
  let opened: OpenedStores;
  beforeEach(async () => { opened = await open(); });
  afterEach(async () => opened.close());

  it('allow a burst of the limit, then refuse, and say when the next may come', async () => {
    const limit = { limit: 5, windowSeconds: 50 };
    const taken = [];
    for (let each = 0; each < 6; each += 1) taken.push(await opened.limits.take('ann', limit));
    expect(taken.map(({ allowed, remaining }) => [allowed, remaining])).toEqual([[true, 4], [true, 3], [true, 2], [true, 1], [true, 0], [false, 0]]);
    expect(taken[0]?.resetSeconds).toBeCloseTo(10, 0);
    expect(taken[5]?.resetSeconds).toBeCloseTo(50, 0);
    expect(taken[5]?.retryAfterSeconds).toBeCloseTo(10, 0);
    expect(taken[5]).toMatchObject({ limit: 5 });
  });

  it('count each caller apart, and callers at the same moment exactly', async () => {
    const limit = { limit: 10, windowSeconds: 100 };
    const taken = await Promise.all(Array.from({ length: 40 }, async (_, index) => opened.limits.take(index % 2 === 0 ? 'ann' : 'ben', limit)));
    expect(taken.filter(({ allowed }) => allowed)).toHaveLength(20);
  });

  it('come back evenly, and a refusal costs nothing', async () => {
    const limit = { limit: 2, windowSeconds: 0.6 };
    const take = async () => (await opened.limits.take('ann', limit)).allowed;
    expect([await take(), await take(), await take(), await take()]).toEqual([true, true, false, false]);
    await sleep(330);
    expect([await take(), await take()]).toEqual([true, false]);
    await sleep(700);
    expect([await take(), await take(), await take()]).toEqual([true, true, false]);
  });
});

describe.each(limitStores)('attempts ($name)', ({ open }) => {
  let opened: OpenedStores;
  beforeEach(async () => { opened = await open(); });
  afterEach(async () => opened.close());

  const policy = { free: 2, maxWaitSeconds: 3, forgetSeconds: 60 };
  const begin = async () => opened.attempts.begin('ann', policy);

  it('let the free ones through, then make each wait longer', async () => {
    expect([await begin(), await begin(), await begin()]).toEqual([0, 0, 0]);
    const first = await begin();
    expect(first).toBeGreaterThan(0.8);
    expect(first).toBeLessThanOrEqual(1);
    await sleep(first * 1000 + 20);
    expect(await begin()).toBe(0);
    expect(await begin()).toBeGreaterThan(1.8);
  });

  it('wait for the longest time at most', async () => {
    const strict = { free: 0, maxWaitSeconds: 0.2, forgetSeconds: 60 };
    for (let each = 0; each < 4; each += 1) {
      expect(await opened.attempts.begin('ann', strict)).toBe(0);
      expect(await opened.attempts.begin('ann', strict)).toBeLessThanOrEqual(0.2);
      await sleep(220);
    }
  });

  it('gain nothing from being made at the same moment', async () => {
    const waits = await Promise.all(Array.from({ length: 50 }, begin));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(3);
  });

  it('are forgotten after a while, on reset, and one by one on undo', async () => {
    const forgetful = { free: 1, maxWaitSeconds: 60, forgetSeconds: 0.3 };
    const twice = async (key: string) => [await opened.attempts.begin(key, forgetful), await opened.attempts.begin(key, forgetful)];
    expect(await twice('ann')).toEqual([0, 0]);
    expect(await opened.attempts.begin('ann', forgetful)).toBeGreaterThan(0);
    await opened.attempts.undo('ann');
    expect(await opened.attempts.begin('ann', forgetful)).toBe(0);
    await opened.attempts.reset('ann');
    expect(await twice('ann')).toEqual([0, 0]);
    await opened.attempts.undo('nobody');
    await sleep(1100);
    expect(await opened.attempts.begin('nobody', forgetful)).toBe(0);
  });
});
