import { describe, expect, it } from '@jest/globals';
import { concernsOf } from '../../src/kubernetes/resources/concerns.ts';
import type { BackupScheduleStatus } from '../../src/kubernetes/resources/backup-schedule.ts';
import { schedule } from '../api/cluster/resources.ts';

const now = new Date('2026-01-16T12:00:00Z');
const well = { lastSuccessTime: '2026-01-16T02:01:00Z', lastProvenTime: '2026-01-11T04:00:00Z', nextDueTime: '2026-01-17T02:00:00Z', lastDrillResult: 'Passed', consecutiveFailures: 0, missedRuns: 0 } as const;
const condition = (type: string, status: 'True' | 'False') => ({ type, status, reason: 'Seen', message: '', lastTransitionTime: '2026-01-10T00:00:00Z' });
const reasonsOf = (status: BackupScheduleStatus, spec: object = {}): string[] => concernsOf(schedule(status, spec), now).map(({ reason }) => reason);

describe('what of a schedule somebody should look at', () => {
  it('is nothing where backups are made and proven', () => {
    expect(reasonsOf(well)).toEqual([]);
  });

  it.each([
    ['not-ready', { ...well, conditions: [condition('Ready', 'False')] }],
    ['failing', { ...well, consecutiveFailures: 3 }],
    ['overdue', { ...well, conditions: [condition('Ready', 'True'), condition('Overdue', 'True')] }],
    ['missed', { ...well, missedRuns: 1 }],
    ['drill-failed', { ...well, lastDrillResult: 'Failed' }],
    ['drill-failed', { ...well, lastDrillResult: 'Error' }],
    ['unproven', { lastSuccessTime: well.lastSuccessTime }],
    ['never-succeeded', {}],
  ] as const)('is that it is %s', (reason, status) => {
    expect(reasonsOf(status as BackupScheduleStatus)).toEqual([reason]);
  });

  it('is that nobody moves its next due time on, unless it is suspended', () => {
    expect(reasonsOf({ ...well, nextDueTime: '2026-01-16T11:00:00Z' })).toEqual(['controller-silent']);
    expect(reasonsOf({ ...well, nextDueTime: '2026-01-16T11:55:00Z' })).toEqual([]);
    expect(reasonsOf({ ...well, nextDueTime: '2026-01-16T11:00:00Z' }, { suspend: true })).toEqual(['suspended']);
  });

  it('is told in words, with figures', () => {
    expect(concernsOf(schedule({ ...well, consecutiveFailures: 2 }), now)).toEqual([{ reason: 'failing', text: { en: '2 failed in a row', zh: '连续失败 2 次' } }]);
  });
});
