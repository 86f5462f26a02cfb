import { type CronTiming, dueBetween, resolveCron } from '../../../kubernetes/cron.ts';
import type { Operation } from '../../../kubernetes/resources/names.ts';
import type { Kept } from '../kept.ts';

/** Seconds between two due times, of what a schedule does at times. Absent: it does not, or its cron is never due. */
export interface Intervals {
  readonly backup?: number | undefined;
  readonly drill?: number | undefined;
  readonly retention?: number | undefined;
}

const known = new WeakMap<Kept<'BackupSchedule'>, Intervals>();

/** Worked out once an object: the cache gives another one when the schedule changes. */
export function intervalsOf(schedule: Kept<'BackupSchedule'>, now: Date): Intervals {
  const before = known.get(schedule);
  if (before !== undefined) return before;
  const { spec } = schedule;
  const intervals = {
    backup: longestGap(timingOf(schedule, 'backup', spec), now),
    drill: spec.drill && longestGap(timingOf(schedule, 'drill', spec.drill), now),
    retention: spec.retention && longestGap(timingOf(schedule, 'retention', spec.retention), now),
  };
  known.set(schedule, intervals);
  return intervals;
}

function timingOf({ metadata: { namespace, name } }: Kept<'BackupSchedule'>, operation: Operation, { schedule, timeZone }: { readonly schedule: string; readonly timeZone: string }): CronTiming | undefined {
  try {
    return { cron: resolveCron(schedule, `${namespace}/${name}/${operation}`), timeZone };
  } catch {
    // The controller says what is wrong with it, in the schedule's conditions.
    return undefined;
  }
}

const dueTimes = 40;
const lookAheadMs = 10 * 366 * 86_400_000;

/** The longest of the next gaps: of `0 2 * * 1-5` it is the week-end, and nobody is woken on a Sunday. */
function longestGap(timing: CronTiming | undefined, now: Date): number | undefined {
  if (timing === undefined) return undefined;
  const times = dueBetween(timing, { after: now, until: new Date(now.getTime() + lookAheadMs), limit: dueTimes }).map((time) => time.getTime());
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  return gaps.length === 0 ? undefined : Math.max(...gaps) / 1000;
}
