import { describe, expect, it } from '@jest/globals';
import { firstStanding, nextStanding } from '../../../src/operations/health/hysteresis.ts';

/** Where a check stands after each of the results: `+` a success, `-` a failure; as `W` when it counts as well and `F` as failed. */
function standings(results: string): string {
  let standing = firstStanding;
  return Array.from(results)
    .map((result) => {
      standing = nextStanding(standing, result === '-', { failuresToFail: 3, successesToRecover: 2 });
      return standing.failing ? 'F' : 'W';
    })
    .join('');
}

describe('nextStanding', () => {
  it.each([
    ['takes the first result at its word', '+', 'W'],
    ['takes the first failure at its word, and the first success after it', '--+', 'FFW'],
    ['stays well through two failures in a row, again and again', '+--+--+--', 'WWWWWWWWW'],
    ['fails with the third failure in a row', '+---', 'WWWF'],
    ['stays failed through single successes', '+---+-+-', 'WWWFFFFF'],
    ['recovers with the second success in a row, and needs three failures again', '+---++--+', 'WWWFFWWWW'],
  ])('%s: %s', (_, results, expected) => {
    expect(standings(results)).toBe(expected);
  });

  it('counts failures and successes in a row', () => {
    const hysteresis = { failuresToFail: 3, successesToRecover: 2 };
    const once = nextStanding(firstStanding, true, hysteresis);
    expect(nextStanding(once, true, hysteresis)).toMatchObject({ failures: 2, successes: 0 });
    expect(nextStanding(once, false, hysteresis)).toMatchObject({ failures: 0, successes: 1 });
  });
});
