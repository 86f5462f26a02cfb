import { expect, test } from '@jest/globals';
import { expiredRecords } from '../../src/controller/schedules/history.ts';
import type { Resource } from '../../src/kubernetes/resources/kinds.ts';
import { annotations } from '../../src/kubernetes/resources/names.ts';

const now = new Date('2026-02-01T00:00:00Z');

function backup(name: string, status: NonNullable<Resource<'Backup'>['status']>, origin: string | undefined = 'schedule'): Resource<'Backup'> {
  const metadata = { namespace: 'shop', name, ...(origin !== '' && { annotations: { [annotations.origin]: origin } }) };
  return { apiVersion: 'holdfast.dev/v1alpha1', kind: 'Backup', metadata, spec: { scheduleRef: { name: 'shop' }, deletionPolicy: 'Retain' }, status };
}

const names = (found: readonly Resource<'Backup'>[]) => found.map(({ metadata }) => metadata.name);

test('drops the record of a forgotten backup once it cannot be recalled any more', () => {
  const backups = [backup('recallable', { phase: 'Succeeded', forgottenAt: '2026-01-26T00:00:00Z' }), backup('gone', { phase: 'Succeeded', forgottenAt: '2026-01-24T00:00:00Z' })];
  expect(names(expiredRecords({ backups, drills: [], now }).backups)).toEqual(['gone']);
});

test('keeps the newest failures, every backup that is there, and what a person asked for', () => {
  const failures = Array.from({ length: 25 }, (_, day) => backup(`failed-${day}`, { phase: 'Failed', finishedAt: `2026-01-${String(day + 1).padStart(2, '0')}T00:00:00Z` }, day === 0 ? '' : 'schedule'));
  const backups = [...failures, backup('there', { phase: 'Succeeded', finishedAt: '2025-01-01T00:00:00Z' })];
  expect(names(expiredRecords({ backups, drills: [], now }).backups)).toEqual(['failed-4', 'failed-3', 'failed-2', 'failed-1']);
});
