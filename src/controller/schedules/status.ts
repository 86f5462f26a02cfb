import type { BackupScheduleStatus } from '../../kubernetes/resources/backup-schedule.ts';
import type { CronJob } from '../../kubernetes/objects.ts';
import type { Resource } from '../../kubernetes/resources/kinds.ts';
import { conditionOf, conditionsOf, type Finding, timeOf } from '../conditions.ts';
import { defaultDeadlineSeconds } from '../../kubernetes/resources/fields.ts';
import { type DueState, dueStateOf } from './due.ts';
import { beginningOf, endedNewestFirst, isRetained, isSucceeded, newestProven } from './runs.ts';
import { newestFirst } from '../newest-first.ts';

export interface ScheduleFacts extends RunFacts {
  /** Undefined while nothing is due. */
  readonly due: DueState | undefined;
  /** Whether everything of it is in place. */
  readonly ready: Finding;
  readonly drills: readonly Resource<'Drill'>[];
  /** When the last retention run ended well. */
  readonly retainedAt: string | undefined;
}

export interface RunFacts {
  readonly schedule: Resource<'BackupSchedule'>;
  /** With `H` resolved; undefined where the expression is not one. */
  readonly cron: string | undefined;
  /** The one that backs up. */
  readonly cronJob: CronJob | undefined;
  readonly backups: readonly Resource<'Backup'>[];
  readonly now: Date;
}

/** What is known of a schedule from its runs. What is no longer seen (records are not kept for ever) stays as it was written last. */
export function scheduleStatusOf(facts: ScheduleFacts, previous: BackupScheduleStatus | undefined): BackupScheduleStatus {
  const { schedule, cron, due, ready, backups, drills, retainedAt, now } = facts;
  const { generation } = schedule.metadata;
  const isSuspended = schedule.spec.suspend === true;
  const ended = endedNewestFirst(backups);
  const [lastSuccess] = ended.filter(isSucceeded);
  const proven = newestProven(backups);
  const endedDrills = endedNewestFirst(drills);
  const lastPassed = endedDrills.find(({ status }) => status?.result === 'Passed');
  const lastSuccessTime = lastSuccess?.status?.finishedAt ?? previous?.lastSuccessTime;
  return {
    ...(generation !== undefined && { observedGeneration: generation }),
    conditions: conditionsOf(previous?.conditions, [ready, suspendedFinding(isSuspended), overdueFinding(due, lastSuccessTime, now)], { now, generation }),
    cron,
    dueSince: dueSinceOf(facts, previous),
    lastScheduleTime: facts.cronJob?.status?.lastScheduleTime ?? previous?.lastScheduleTime,
    nextDueTime: due?.next && timeOf(due.next),
    lastSuccessTime,
    lastSuccessfulBackup: lastSuccess?.metadata.name ?? previous?.lastSuccessfulBackup,
    lastProvenTime: lastPassed?.status?.finishedAt ?? previous?.lastProvenTime,
    lastProvenBackup: proven?.metadata.name,
    lastDrillTime: endedDrills[0]?.status?.finishedAt ?? previous?.lastDrillTime,
    lastDrillResult: endedDrills[0]?.status?.result ?? previous?.lastDrillResult,
    lastRetentionTime: retainedAt ?? previous?.lastRetentionTime,
    retainedBackups: backups.filter(isRetained).length,
    consecutiveFailures: failuresInARow(ended),
    missedRuns: due?.missed.length ?? 0,
    observedTrigger: schedule.spec.trigger,
  };
}

/** Undefined while nothing is due: suspended, or no cron. */
export function dueOf(facts: RunFacts, previous: BackupScheduleStatus | undefined): DueState | undefined {
  const { schedule, cron, cronJob, backups, now } = facts;
  const { spec } = schedule;
  if (cron === undefined || spec.suspend === true) return undefined;
  const [begun] = newestFirst([...backups.map(beginningOf), cronJob?.status?.lastScheduleTime ?? previous?.lastScheduleTime ?? ''], (time) => time);
  const succeeded = endedNewestFirst(backups).find(isSucceeded)?.status?.finishedAt ?? previous?.lastSuccessTime;
  return dueStateOf({
    timing: { cron, timeZone: spec.timeZone },
    since: new Date(dueSinceOf(facts, previous)),
    lastRunAt: begun ? new Date(begun) : undefined,
    lastSuccessAt: succeeded === undefined ? undefined : new Date(succeeded),
    startingDeadlineSeconds: spec.startingDeadlineSeconds,
    activeDeadlineSeconds: spec.jobs?.activeDeadlineSeconds ?? defaultDeadlineSeconds,
    now,
  });
}

/** Due times before a schedule was made, changed or resumed were none. */
function dueSinceOf({ schedule, cron, now }: RunFacts, previous: BackupScheduleStatus | undefined): string {
  if (previous?.dueSince === undefined) return schedule.metadata.creationTimestamp ?? timeOf(now);
  const wasSuspended = conditionOf(previous.conditions, 'Suspended')?.status === 'True';
  const isResumed = wasSuspended && schedule.spec.suspend !== true;
  return isResumed || previous.cron !== cron ? timeOf(now) : previous.dueSince;
}

function failuresInARow(endedNewest: readonly Resource<'Backup'>[]): number {
  const success = endedNewest.findIndex(isSucceeded);
  return success === -1 ? endedNewest.length : success;
}

function suspendedFinding(isSuspended: boolean): Finding {
  return isSuspended
    ? { type: 'Suspended', status: 'True', reason: 'SuspendedBySpec', message: 'spec.suspend is true: nothing is backed up' }
    : { type: 'Suspended', status: 'False', reason: 'Active', message: '' };
}

function overdueFinding(due: DueState | undefined, lastSuccessTime: string | undefined, now: Date): Finding {
  if (due?.overdueAt === undefined || due.overdueAt > now) return { type: 'Overdue', status: 'False', reason: 'OnTime', message: '' };
  const success = lastSuccessTime === undefined ? 'there was none yet' : `the last one was at ${lastSuccessTime}`;
  return { type: 'Overdue', status: 'True', reason: 'NoSuccess', message: `A successful backup was due by ${timeOf(due.overdueAt)}; ${success}. Look at the newest failed Backup of this schedule.` };
}
