import { type CronTiming, dueBetween, nextDue } from '../../kubernetes/cron.ts';

export interface DueFacts {
  readonly timing: CronTiming;
  /** From when due times count. */
  readonly since: Date;
  /** When the newest run was started. */
  readonly lastRunAt: Date | undefined;
  readonly lastSuccessAt: Date | undefined;
  /** How late a run may start: until then Kubernetes makes up for it itself. */
  readonly startingDeadlineSeconds: number;
  /** How long a run may take. */
  readonly activeDeadlineSeconds: number;
  readonly now: Date;
}

export interface DueState {
  readonly next: Date | undefined;
  /** Due times at which no run was started, the oldest first. */
  readonly missed: readonly Date[];
  /** When the next run that does not start is missed. */
  readonly missedAt: Date | undefined;
  /** When a success that is due is too late. */
  readonly overdueAt: Date | undefined;
}

/** As many missed runs as are counted: a schedule of each minute, a cluster away for a month. */
const mostCounted = 1_000;

/** Where a schedule stands between what was due and what ran. */
export function dueStateOf({ timing, since, lastRunAt, lastSuccessAt, startingDeadlineSeconds, activeDeadlineSeconds, now }: DueFacts): DueState {
  const after = latest(since, lastRunAt);
  const until = new Date(now.getTime() - startingDeadlineSeconds * 1_000);
  const dueSuccess = nextDue(timing, latest(since, lastSuccessAt));
  const dueRun = nextDue(timing, latest(after, until));
  return {
    next: nextDue(timing, now),
    missed: until > after ? dueBetween(timing, { after, until, limit: mostCounted }) : [],
    missedAt: dueRun && new Date(dueRun.getTime() + startingDeadlineSeconds * 1_000),
    overdueAt: dueSuccess && new Date(dueSuccess.getTime() + (startingDeadlineSeconds + activeDeadlineSeconds) * 1_000),
  };
}

export function latest(first: Date, second: Date | undefined): Date {
  return second !== undefined && second > first ? second : first;
}
