import { describe, expect, test } from '@jest/globals';
import { intervalSeconds } from '../../src/kubernetes/cron/interval.ts';
import { adler32, dueBetween, lastDue, nextDue, resolveCron } from '../../src/kubernetes/cron.ts';

const seed = 'shop/orders/backup';
const utc = (cron: string) => ({ cron, timeZone: 'Etc/UTC' });
const at = (text: string) => new Date(text);

describe('resolveCron', () => {
  test('leaves an expression without H as it is', () => {
    expect(resolveCron('30 1 * * MON-FRI', seed)).toBe('30 1 * * MON-FRI');
  });

  test('gives the same run the same place, and its other operations another', () => {
    expect(resolveCron('H H * * *', seed)).toBe(resolveCron('H H * * *', seed));
    expect(resolveCron('H H * * *', 'shop/orders/drill')).not.toBe(resolveCron('H H * * *', seed));
  });

  test('computes the places as the chart does: the hash modulo the size, then what is left of it', () => {
    // As zlib gives it.
    const hash = adler32(seed);
    expect(hash).toBe(1_133_905_694);
    expect(resolveCron('H H H H H', seed)).toBe(
      [hash % 60, Math.floor(hash / 60) % 24, (Math.floor(hash / 60 / 24) % 28) + 1, (Math.floor(hash / 60 / 24 / 28) % 12) + 1, Math.floor(hash / 60 / 24 / 28 / 12) % 7].join(' '),
    );
  });

  test('keeps H within a range that is given', () => {
    for (let index = 0; index < 200; index += 1) {
      const [minute, hour] = resolveCron('H(10-20) H(1-4) * * *', `shop/db-${index}/backup`).split(' ').map(Number);
      expect(minute).toBeGreaterThanOrEqual(10);
      expect(minute).toBeLessThanOrEqual(20);
      expect(hour).toBeGreaterThanOrEqual(1);
      expect(hour).toBeLessThanOrEqual(4);
    }
  });

  test('H/n runs every n, beginning at a place of its own', () => {
    const [minute = ''] = resolveCron('H/15 * * * *', seed).split(' ');
    expect(minute).toBe(`${adler32(seed) % 15}-59/15`);
    expect(resolveCron('0 0 H/7 * *', seed)).toMatch(/^0 0 [1-7]-28\/7 \* \*$/);
  });

  test('never gives a day that a month may lack', () => {
    for (let index = 0; index < 500; index += 1) expect(Number(resolveCron('0 0 H * *', `shop/db-${index}/prune`).split(' ')[2])).toBeLessThanOrEqual(28);
  });

  test('spreads a thousand schedules over the hour', () => {
    const minutes = new Map<string, number>();
    for (let index = 0; index < 1_000; index += 1) {
      const [minute = ''] = resolveCron('H * * * *', `team-${index % 40}/database-${index}/backup`).split(' ');
      minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
    }
    expect(minutes.size).toBe(60);
    expect(Math.max(...minutes.values())).toBeLessThan(60);
  });

  test.each(['', '* * * *', '* * * * * *', '60 * * * *', '* 24 * * *', '* * 0 * *', '* * * * 7', '0 0 L * *', '0 0 * * 5#2', '@every 1h', 'TZ=UTC 0 0 * * *', '5-1 * * * *', '*/0 * * * *', 'H(5-1) * * * *', 'H(0-60) * * * *', 'H/61 * * * *', 'HH * * * *', '* * * FOO *', '1,,2 * * * *'])(
    'refuses %p, which Kubernetes would',
    (expression) => {
      expect(() => resolveCron(expression, seed)).toThrow(expect.objectContaining({ code: 'CRON_INVALID' }));
    },
  );
});

describe('due times', () => {
  test('are of the time zone, its summer time included', () => {
    const timing = { cron: '0 2 * * *', timeZone: 'Europe/Berlin' };
    expect(nextDue(timing, at('2026-01-10T12:00:00Z'))).toEqual(at('2026-01-11T01:00:00Z'));
    expect(nextDue(timing, at('2026-07-10T12:00:00Z'))).toEqual(at('2026-07-11T00:00:00Z'));
  });

  test('a time that the clock jumps over is due all the same, and one that it shows twice is due once', () => {
    const timing = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' };
    expect(dueBetween(timing, { after: at('2026-03-28T12:00:00Z'), until: at('2026-03-30T12:00:00Z'), limit: 10 })).toHaveLength(2);
    expect(dueBetween(timing, { after: at('2026-10-24T12:00:00Z'), until: at('2026-10-25T12:00:00Z'), limit: 10 })).toHaveLength(1);
  });

  test('the next is after, the last is before or at', () => {
    const due = at('2026-01-16T02:00:00Z');
    expect(nextDue(utc('0 2 * * *'), due)).toEqual(at('2026-01-17T02:00:00Z'));
    expect(lastDue(utc('0 2 * * *'), due)).toEqual(due);
    expect(lastDue(utc('0 2 * * *'), at('2026-01-16T01:59:59.999Z'))).toEqual(at('2026-01-15T02:00:00Z'));
  });

  test('between two times, the end included and the beginning not, up to the limit', () => {
    const span = { after: at('2026-01-01T00:00:00Z'), until: at('2026-01-01T06:00:00Z') };
    expect(dueBetween(utc('0 * * * *'), { ...span, limit: 100 })).toHaveLength(6);
    expect(dueBetween(utc('0 * * * *'), { ...span, limit: 2 })).toEqual([at('2026-01-01T01:00:00Z'), at('2026-01-01T02:00:00Z')]);
  });

  test('an expression that is never due has none', () => {
    expect(nextDue(utc('0 0 30 2 *'), at('2026-01-01T00:00:00Z'))).toBeUndefined();
    expect(lastDue(utc('0 0 30 2 *'), at('2026-01-01T00:00:00Z'))).toBeUndefined();
  });

  test('names a time zone that does not exist', () => {
    expect(() => nextDue({ cron: '0 2 * * *', timeZone: 'Mars/Olympus' }, new Date())).toThrow(expect.objectContaining({ code: 'TIME_ZONE_UNKNOWN' }));
  });
});

describe('intervalSeconds', () => {
  const hour = 3_600;
  const day = 24 * hour;

  test.each([
    ['0 * * * *', hour],
    ['*/20 * * * *', 20 * 60],
    ['0 2 * * *', day],
    ['@weekly', 7 * day],
    ['0 2 * * 1-5', 3 * day],
    ['0,30 9-17 * * *', 15.5 * hour],
    ['0 0 1 * *', 31 * day],
    ['0 0 1 1 *', 366 * day],
    ['0 0 29 2 *', (4 * 365 + 1) * day],
    ['0 0 1,15 * 1', 7 * day],
  ])('of %p is %d', (cron, seconds) => {
    expect(intervalSeconds(cron)).toBe(seconds);
  });

  test('is absent where nothing is ever due', () => {
    expect(intervalSeconds('0 0 30 2 *')).toBeUndefined();
  });
});
