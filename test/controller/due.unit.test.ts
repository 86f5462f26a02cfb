import { expect, test } from '@jest/globals';
import { type DueFacts, dueStateOf } from '../../src/controller/schedules/due.ts';

const at = (time: string) => new Date(`2026-01-16T${time}Z`);
const hourly: DueFacts = {
  timing: { cron: '0 * * * *', timeZone: 'Etc/UTC' },
  since: at('00:30:00'),
  lastRunAt: undefined,
  lastSuccessAt: undefined,
  startingDeadlineSeconds: 600,
  activeDeadlineSeconds: 1_200,
  now: at('00:45:00'),
};

test('nothing is missed before something was due', () => {
  expect(dueStateOf(hourly)).toEqual({ next: at('01:00:00'), missed: [], missedAt: at('01:10:00'), overdueAt: at('01:30:00') });
});

test('a run is missed once it may no longer start', () => {
  expect(dueStateOf({ ...hourly, now: at('01:09:59') }).missed).toEqual([]);
  expect(dueStateOf({ ...hourly, now: at('01:10:00') }).missed).toEqual([at('01:00:00')]);
});

test('every due time since the last run is missed, and none before it', () => {
  expect(dueStateOf({ ...hourly, lastRunAt: at('02:00:03'), now: at('05:05:00') }).missed).toEqual([at('03:00:00'), at('04:00:00')]);
});

test('a success is overdue when the next one has neither started nor ended in time', () => {
  expect(dueStateOf({ ...hourly, lastSuccessAt: at('02:04:00'), now: at('02:05:00') }).overdueAt).toEqual(at('03:30:00'));
});
