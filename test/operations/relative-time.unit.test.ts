import { expect, it } from '@jest/globals';
import { relativeTime } from '../../src/operations/relative-time.ts';

const now = new Date('2026-01-16T12:00:00Z');

it.each([
  ['2026-01-16T08:40:00Z', '3 h 20 min ago', '3 h 20 min前'],
  ['2026-01-16T12:00:30Z', 'in 30 s', '30 s后'],
  [undefined, '', ''],
])('tells how far %s is from now', (time, en, zh) => {
  expect([relativeTime(time, { now, language: 'en' }), relativeTime(time, { now, language: 'zh' })]).toEqual([en, zh]);
});
