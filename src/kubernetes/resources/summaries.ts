import type { Condition } from './fields.ts';
import type { KindName, Resource } from './kinds.ts';
import { labels } from './names.ts';

/** What summaries read of a resource; whole ones fit. */
export interface Summarized<Name extends KindName = KindName> {
  readonly metadata: Pick<Resource['metadata'], 'name' | 'namespace' | 'creationTimestamp' | 'labels'>;
  readonly spec: Resource<Name>['spec'];
  readonly status?: Resource<Name>['status'];
}

/** A repository as the REST API and the plugin's `--json` show it. Of `ready` and `whole` nothing is said before they are known. */
export function summarizeRepository(repository: Summarized<'BackupRepository'>) {
  const { spec: { s3, volume, encryption }, status } = repository;
  const { conditions, repositoryId, lastPruneTime, lastVerifyTime, freedBytes, findings, freeBytes, totalBytes } = status ?? {};
  const store = s3 ? { bucket: s3.bucket, prefix: s3.prefix, endpoint: s3.endpoint, region: s3.region } : { claim: volume?.claimName, path: volume?.path };
  const facts = { repositoryId, lastPruneTime, lastVerifyTime, freedBytes, findings, freeBytes, totalBytes };
  return { ...named(repository), store, encryption, ready: holds(conditions, 'Ready'), whole: holds(conditions, 'Whole'), ...facts, conditions };
}
export type RepositorySummary = ReturnType<typeof summarizeRepository>;

export function summarizeSchedule(schedule: Summarized<'BackupSchedule'>) {
  const { spec, status } = schedule;
  const { cron = spec.schedule, conditions, lastScheduleTime, nextDueTime, lastSuccessTime, lastSuccessfulBackup, lastProvenTime, lastProvenBackup } = status ?? {};
  const { lastDrillTime, lastDrillResult, lastRetentionTime, retainedBackups, consecutiveFailures, missedRuns } = status ?? {};
  return {
    ...named(schedule),
    repository: spec.repositoryRef.name,
    source: sourceNameOf(schedule),
    engine: spec.source.postgres ? 'postgres' : 'sqlite',
    cron,
    timeZone: spec.timeZone,
    suspended: spec.suspend === true,
    lastScheduleTime,
    nextDueTime,
    lastSuccessTime,
    lastSuccessfulBackup,
    lastProvenTime,
    lastProvenBackup,
    lastDrillTime,
    lastDrillResult,
    lastRetentionTime,
    retainedBackups,
    consecutiveFailures,
    missedRuns,
    conditions,
  } as const;
}
export type ScheduleSummary = ReturnType<typeof summarizeSchedule>;

export function summarizeBackup(backup: Summarized<'Backup'>) {
  const { backupId, stateAt, rawBytes, storedBytes, newBytes, suspicious, proven, provenAt, forgottenAt } = backup.status ?? {};
  return { ...summarizeRun(backup), schedule: scheduleNameOf(backup), backupId, stateAt, rawBytes, storedBytes, newBytes, suspicious, proven, provenAt, forgottenAt };
}

export function summarizeRestore(restore: Summarized<'Restore'>) {
  const { backup, mode } = restore.spec;
  const { backupId, stateAt, safetyBackupId } = restore.status ?? {};
  return { ...summarizeRun(restore), backup, mode, backupId, stateAt, safetyBackupId };
}

export function summarizeDrill(drill: Summarized<'Drill'>) {
  const { backupId, result, restoreMs, checkMs, ageMs, stateAt } = drill.status ?? {};
  return { ...summarizeRun(drill), schedule: scheduleNameOf(drill), backup: drill.spec.backup, backupId, result, restoreMs, checkMs, ageMs, stateAt };
}

/** What its backups are filed under in the repository. */
export function sourceNameOf({ metadata, spec }: Summarized<'BackupSchedule'>): string {
  return spec.sourceName ?? metadata.name;
}

/** The schedule whose backup or drill a run is, asked for by a person or made by its CronJob. */
export function scheduleNameOf({ metadata, spec }: Summarized<'Backup'> | Summarized<'Drill'>): string | undefined {
  return spec.scheduleRef?.name ?? metadata.labels?.[labels.schedule];
}

/** What all runs have: how they went, and on what. */
function summarizeRun(run: Summarized<'Backup'> | Summarized<'Drill'> | Summarized<'Restore'>) {
  const { metadata, spec, status } = run;
  const { phase = 'Pending', jobName, startedAt, finishedAt, failure } = status ?? {};
  // A run of a schedule names neither: the controller writes down what it found there.
  const found: Summarized<'Backup'>['status'] = status;
  const repository = spec.repositoryRef?.name ?? found?.repository ?? metadata.labels?.[labels.repository];
  return { ...named(run), repository, source: spec.sourceName ?? found?.source, phase, jobName, startedAt, finishedAt, failure } as const;
}

function named({ metadata: { namespace, name, creationTimestamp } }: Summarized) {
  return { namespace, name, createdAt: creationTimestamp };
}

function holds(conditions: readonly Condition[] | undefined, type: string): boolean | undefined {
  const status = conditions?.find((condition) => condition.type === type)?.status;
  return status === undefined || status === 'Unknown' ? undefined : status === 'True';
}
