import type { BackupRepositorySpec } from '../../src/kubernetes/resources/backup-repository.ts';
import type { BackupScheduleSpec } from '../../src/kubernetes/resources/backup-schedule.ts';
import { apiVersion } from '../../src/kubernetes/resources/names.ts';
import type { z } from 'zod';
import type { kinds } from '../../src/kubernetes/resources/kinds.ts';
import { names } from './names.ts';

type Spec<Name extends keyof typeof kinds> = z.input<(typeof kinds)[Name]['spec']>;

/** A resource as a person would write it. */
function resource<Name extends keyof typeof kinds>(kind: Name, name: string, spec: Spec<Name>) {
  return { apiVersion, kind, metadata: { name, namespace: names.namespace }, spec };
}

const address = (name: string) => ({ postgres: { addressSecret: { name } } });

export const repository = () =>
  resource('BackupRepository', names.repository, {
    volume: { claimName: names.repositoryClaim },
    keysSecret: { name: names.keys },
    identitySecret: { name: names.identity },
  } satisfies z.input<typeof BackupRepositorySpec>);

/** Every minute: a test waits for a run that nobody asked for. */
export const schedule = (changes: Partial<z.input<typeof BackupScheduleSpec>> = {}) =>
  resource('BackupSchedule', names.schedule, {
    repositoryRef: { name: names.repository },
    source: address(names.address),
    schedule: '* * * * *',
    retention: { schedule: 'H H * * *', keepLast: 100 },
    ...changes,
  });

export const backup = (name: string) => resource('Backup', name, { repositoryRef: { name: names.repository }, source: address(names.address), sourceName: names.schedule });

/** Small enough for any node: the default reserves ten times as much of its disk. */
const drillJobs = { temporarySpace: '1Gi' };

export const drill = (name: string, of = 'latest') =>
  resource('Drill', name, { repositoryRef: { name: names.repository }, sourceName: names.schedule, backup: of, jobs: drillJobs });

export const restore = (name: string, of = 'latest') =>
  resource('Restore', name, { repositoryRef: { name: names.repository }, sourceName: names.schedule, backup: of, target: address(names.targetAddress) });
