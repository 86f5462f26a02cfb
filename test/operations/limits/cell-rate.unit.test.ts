import { describe, expect, it } from '@jest/globals';
import { array, assert, integer, property } from 'fast-check';
import { resultOf, takeCell } from '../../../src/operations/limits/cell-rate.ts';

describe('takeCell', () => {
  it('allows the limit at once, then one each time its share of the window has passed', () => {
    const limit = { limit: 3, windowSeconds: 30 };
    let allAt: number | undefined;
    const take = (seconds: number) => {
      const taken = takeCell(allAt, seconds * 1000, limit);
      allAt = taken.allAt;
      return taken.allowed;
    };
    expect([0, 0, 0, 0, 9.9, 10, 10, 20, 60, 60, 60, 60].map(take)).toEqual([true, true, true, false, false, true, false, true, true, true, true, false]);
  });

  it('never allows more than the limit and what came back meanwhile, whenever it is asked', () => {
    const gapsMs = array(integer({ min: 0, max: 4000 }), { maxLength: 200 });
    const holds = property(gapsMs, integer({ min: 1, max: 20 }), integer({ min: 1, max: 60 }), (gaps, limit, windowSeconds) => {
      let [now, allAt]: [number, number | undefined] = [1e12, undefined];
      let allowed = 0;
      for (const gap of gaps) {
        now += gap;
        const taken = takeCell(allAt, now, { limit, windowSeconds });
        const result = resultOf(taken.allowed, taken.allAt - now, { limit, windowSeconds });
        allAt = taken.allAt;
        if (taken.allowed) allowed += 1;
        expect(result.remaining).toBeLessThan(limit);
        expect(result.retryAfterSeconds === 0).toBe(taken.allowed);
        const later = takeCell(taken.allAt, now + Math.ceil(result.retryAfterSeconds * 1000), { limit, windowSeconds });
        expect(taken.allowed || later.allowed).toBe(true);
      }
      expect(allowed).toBeLessThanOrEqual(limit + Math.floor(((now - 1e12) / 1000 / windowSeconds) * limit) + 1);
    });
    assert(holds, { numRuns: 200 });
  });
});
