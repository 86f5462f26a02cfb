import { defaultDeadlineSeconds } from '../../../kubernetes/resources/fields.ts';
import type { ScheduleFacts } from './facts.ts';
import { type Figure, flag, seconds, timestamp } from './figures.ts';

/** What is measured of a schedule, its last backup and its last drill. By namespace and schedule. */
export const scheduleFigures: readonly Figure<ScheduleFacts>[] = [
  { name: 'holdfast_schedule_created_timestamp_seconds', help: 'When the schedule was made.', of: ({ schedule }) => timestamp(schedule.metadata.creationTimestamp) },
  { name: 'holdfast_schedule_interval_seconds', help: 'Between two due times; the longest of the next ones where they differ.', of: ({ intervals }) => intervals.backup },
  { name: 'holdfast_schedule_deadline_seconds', help: 'After which a run is ended.', of: ({ schedule, repository }) => schedule.spec.jobs?.activeDeadlineSeconds ?? repository?.spec.jobs?.activeDeadlineSeconds ?? defaultDeadlineSeconds },
  { name: 'holdfast_schedule_last_success_timestamp_seconds', help: 'When a backup succeeded last.', of: ({ schedule }) => timestamp(schedule.status?.lastSuccessTime) },
  { name: 'holdfast_schedule_last_proven_timestamp_seconds', help: 'When a backup was proven by a drill last.', of: ({ schedule }) => timestamp(schedule.status?.lastProvenTime) },
  { name: 'holdfast_schedule_next_due_timestamp_seconds', help: 'When the next backup is due.', of: ({ schedule }) => timestamp(schedule.status?.nextDueTime) },
  { name: 'holdfast_schedule_suspended', help: '1 while the schedule makes no backups because somebody said so.', of: ({ schedule }) => flag(schedule.spec.suspend === true) },
  { name: 'holdfast_schedule_suspended_since_timestamp_seconds', help: 'Since when it is suspended.', of: suspendedSince },
  { name: 'holdfast_schedule_consecutive_failures', help: 'Backups that failed since the last one that succeeded.', of: ({ schedule }) => schedule.status?.consecutiveFailures },
  { name: 'holdfast_schedule_missed_runs', help: 'Due times without a run since the last one.', of: ({ schedule }) => schedule.status?.missedRuns },
  { name: 'holdfast_schedule_retained_backups', help: 'Backups that retention kept.', of: ({ schedule }) => schedule.status?.retainedBackups },
  { name: 'holdfast_schedule_last_retention_timestamp_seconds', help: 'When retention succeeded last.', of: ({ schedule }) => timestamp(schedule.status?.lastRetentionTime) },
  { name: 'holdfast_schedule_retention_interval_seconds', help: 'Between two due times of retention.', of: ({ intervals }) => intervals.retention },
  { name: 'holdfast_schedule_drill_interval_seconds', help: 'Between two due times of drills.', of: ({ intervals }) => intervals.drill },
  { name: 'holdfast_schedule_last_drill_timestamp_seconds', help: 'When a drill ended last, whatever it found.', of: ({ schedule }) => timestamp(schedule.status?.lastDrillTime) },
  { name: 'holdfast_schedule_drill_passed', help: '1 where the last drill found the backup equal to what was backed up, 0 where it did not; none where it could not look.', of: drillPassed },
  { name: 'holdfast_backup_last_duration_seconds', help: 'How long the last backup that succeeded took.', of: lastDuration },
  { name: 'holdfast_backup_last_raw_bytes', help: 'What the last backup holds, as the database gave it.', of: ({ lastBackup }) => lastBackup?.status?.rawBytes },
  { name: 'holdfast_backup_last_stored_bytes', help: 'What the last backup takes in the repository, shared parts included.', of: ({ lastBackup }) => lastBackup?.status?.storedBytes },
  { name: 'holdfast_backup_last_new_bytes', help: 'What the last backup added to the repository.', of: ({ lastBackup }) => lastBackup?.status?.newBytes },
  { name: 'holdfast_backup_last_suspicious', help: '1 where the last backup is unlike those before it.', of: ({ lastBackup }) => flag(lastBackup?.status?.suspicious) },
  { name: 'holdfast_backup_running_since_timestamp_seconds', help: 'When the backup began that has been running for longest.', of: ({ runningBackup }) => timestamp(runningBackup?.status?.startedAt) },
  { name: 'holdfast_drill_last_restore_seconds', help: 'Recovery time: how long the last drill took to restore.', of: ({ lastDrill }) => seconds(lastDrill?.status?.restoreMs) },
  { name: 'holdfast_drill_last_age_seconds', help: 'Recovery point: how old the state was that the last drill restored.', of: ({ lastDrill }) => seconds(lastDrill?.status?.ageMs) },
];

/** A drill that could not run says nothing of the backup: an alert of its own looks for the missing value. */
function drillPassed({ schedule: { status } }: ScheduleFacts): number | undefined {
  const result = status?.lastDrillResult;
  return result === 'Error' ? undefined : flag(result && result === 'Passed');
}

function suspendedSince({ schedule: { spec, status } }: ScheduleFacts): number | undefined {
  if (spec.suspend !== true) return undefined;
  return timestamp(status?.conditions?.find(({ type, status: holds }) => type === 'Suspended' && holds === 'True')?.lastTransitionTime);
}

function lastDuration({ lastBackup }: ScheduleFacts): number | undefined {
  const { startedAt, finishedAt } = lastBackup?.status ?? {};
  return startedAt === undefined || finishedAt === undefined ? undefined : seconds(Date.parse(finishedAt) - Date.parse(startedAt));
}
