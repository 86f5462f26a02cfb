import { expect, test } from '@jest/globals';
import type { JobOutcome } from '../../src/controller/jobs/job-outcome.ts';
import { type RepositoryFacts, repositoryStatusOf } from '../../src/controller/repositories/status.ts';
import type { Resource } from '../../src/kubernetes/resources/kinds.ts';

const at = (hour: number) => `2026-01-16T${String(hour).padStart(2, '0')}:00:00Z`;
const endedAt = (hour: number, freeBytes: number): JobOutcome => ({ succeeded: true, finishedAt: at(hour), result: { ok: true, id: 'repository-1', space: { freeBytes, totalBytes: 100 } } });
const backupAt = (hour: number): Resource<'Backup'> => ({
  apiVersion: 'holdfast.dev/v1alpha1', kind: 'Backup', metadata: { namespace: 'shop', name: 'backup' },
  spec: { scheduleRef: { name: 'shop' }, deletionPolicy: 'Retain' }, status: { phase: 'Succeeded', finishedAt: at(hour) },
});
const facts = (changes: Partial<RepositoryFacts>): RepositoryFacts => ({
  repository: { apiVersion: 'holdfast.dev/v1alpha1', kind: 'BackupRepository', metadata: { namespace: 'shop', name: 'main', generation: 2 }, spec: { encryption: 'none', initialize: true } },
  inPlace: { type: 'Ready', status: 'True', reason: 'InPlace', message: '' }, init: undefined, prune: undefined, verify: undefined, backups: [], now: new Date(at(23)),
  ...changes,
});

test('takes the space that the newest run saw', () => {
  expect(repositoryStatusOf(facts({ init: endedAt(1, 50), prune: endedAt(5, 60), backups: [backupAt(3)] }), undefined)).toMatchObject({ freeBytes: 60, totalBytes: 100 });
});

test('lets the space stand that a backup or prune noted after the repository was made, as long as the Job that made it is there', () => {
  const noted = { freeBytes: 7, totalBytes: 100 };
  expect(repositoryStatusOf(facts({ init: endedAt(1, 50), backups: [backupAt(3)] }), noted)).toMatchObject(noted);
  expect(repositoryStatusOf(facts({ init: endedAt(1, 50) }), { ...noted, lastPruneTime: at(5) })).toMatchObject(noted);
});

test('has observed a change only once the repository was asked anew', () => {
  expect(repositoryStatusOf(facts({}), { observedGeneration: 1 }).observedGeneration).toBe(1);
  expect(repositoryStatusOf(facts({ init: endedAt(1, 50) }), { observedGeneration: 1 }).observedGeneration).toBe(2);
});
