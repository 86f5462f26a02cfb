import { labels } from '../../kubernetes/resources/names.ts';
import type { Kept } from '../cluster/kept.ts';
import { scheduleNameOf } from '../cluster/metrics/facts.ts';

/** What every resource is shown with. */
function named({ metadata: { namespace, name, creationTimestamp } }: Kept) {
  return { namespace, name, createdAt: creationTimestamp };
}

/** A repository as the API shows it. Of `ready` and `whole` nothing is said before they are known. */
export function presentRepository(repository: Kept<'BackupRepository'>) {
  const { spec: { s3, volume, encryption }, status } = repository;
  const { conditions, repositoryId, lastPruneTime, lastVerifyTime, freedBytes, findings, freeBytes, totalBytes } = status ?? {};
  const store = s3 ? { bucket: s3.bucket, prefix: s3.prefix, endpoint: s3.endpoint, region: s3.region } : { claim: volume?.claimName, path: volume?.path };
  const facts = { repositoryId, lastPruneTime, lastVerifyTime, freedBytes, findings, freeBytes, totalBytes };
  return { ...named(repository), store, encryption, ready: holds(conditions, 'Ready'), whole: holds(conditions, 'Whole'), ...facts, conditions };
}

export function presentSchedule(schedule: Kept<'BackupSchedule'>) {
  const { metadata, spec, status } = schedule;
  const { cron, conditions, lastScheduleTime, nextDueTime, lastSuccessTime, lastSuccessfulBackup, lastProvenTime, lastProvenBackup } = status ?? {};
  const { lastDrillTime, lastDrillResult, lastRetentionTime, retainedBackups, consecutiveFailures, missedRuns } = status ?? {};
  return {
    ...named(schedule),
    repository: spec.repositoryRef.name,
    source: spec.sourceName ?? metadata.name,
    engine: spec.source.postgres ? 'postgres' : 'sqlite',
    cron: cron ?? spec.schedule,
    timeZone: spec.timeZone,
    suspended: spec.suspend === true,
    lastScheduleTime, nextDueTime, lastSuccessTime, lastSuccessfulBackup, lastProvenTime, lastProvenBackup,
    lastDrillTime, lastDrillResult, lastRetentionTime, retainedBackups, consecutiveFailures, missedRuns,
    conditions,
  };
}

export function presentBackup(backup: Kept<'Backup'>) {
  const { backupId, stateAt, rawBytes, storedBytes, newBytes, suspicious, proven, provenAt, forgottenAt } = backup.status ?? {};
  return { ...presentRun(backup), schedule: scheduleNameOf(backup), backupId, stateAt, rawBytes, storedBytes, newBytes, suspicious, proven, provenAt, forgottenAt };
}

export function presentRestore(restore: Kept<'Restore'>) {
  const { spec, status } = restore;
  const { backupId, stateAt, safetyBackupId } = status ?? {};
  return { ...presentRun(restore), source: spec.sourceName, backup: spec.backup, mode: spec.mode, backupId, stateAt, safetyBackupId };
}

export function presentDrill(drill: Kept<'Drill'>) {
  const { spec, status } = drill;
  const { backupId, result, restoreMs, checkMs, ageMs, stateAt } = status ?? {};
  return { ...presentRun(drill), schedule: scheduleNameOf(drill), backup: spec.backup, backupId, result, restoreMs, checkMs, ageMs, stateAt };
}

/** What all runs have: how they went, and on what. */
function presentRun(run: Kept<'Backup'> | Kept<'Drill'> | Kept<'Restore'>) {
  const { metadata, spec, status } = run;
  const { phase = 'Pending', jobName, startedAt, finishedAt, failure } = status ?? {};
  return {
    ...named(run),
    repository: spec.repositoryRef?.name ?? metadata.labels?.[labels.repository],
    source: (status && 'source' in status ? status.source : undefined) ?? spec.sourceName,
    phase, jobName, startedAt, finishedAt, failure,
  };
}

function holds(conditions: readonly { readonly type: string; readonly status: string }[] | undefined, type: string): boolean | undefined {
  const status = conditions?.find((condition) => condition.type === type)?.status;
  return status === undefined || status === 'Unknown' ? undefined : status === 'True';
}
