import type { cronErrors } from '../../../kubernetes/cron/cron-errors.ts';
import { intervalSeconds } from '../../../kubernetes/cron/interval.ts';
import { resolveCron } from '../../../kubernetes/cron.ts';
import type { Operation } from '../../../kubernetes/resources/names.ts';
import { codeOf } from '../../../operations/errors.ts';
import type { Kept } from '../kept.ts';

/** Seconds between two due times, of what a schedule does at times. Absent: it does not, or its cron is never due. */
export interface Intervals {
  readonly backup?: number | undefined;
  readonly drill?: number | undefined;
  readonly retention?: number | undefined;
}

const known = new WeakMap<Kept<'BackupSchedule'>, Intervals>();

/** Worked out once an object: the cache gives another one when the schedule changes. */
export function intervalsOf(schedule: Kept<'BackupSchedule'>): Intervals {
  const before = known.get(schedule);
  if (before !== undefined) return before;
  const { spec: { schedule: cron, drill, retention } } = schedule;
  const intervals = {
    backup: intervalOf(schedule, 'backup', cron),
    drill: drill && !drill.suspend ? intervalOf(schedule, 'drill', drill.schedule) : undefined,
    retention: retention && !retention.suspend ? intervalOf(schedule, 'retention', retention.schedule) : undefined,
  };
  known.set(schedule, intervals);
  return intervals;
}

/** Undefined also of a cron that is none: the controller says so in the schedule's conditions. */
function intervalOf({ metadata: { namespace, name } }: Kept<'BackupSchedule'>, operation: Operation, cron: string): number | undefined {
  try {
    return intervalSeconds(resolveCron(cron, `${namespace}/${name}/${operation}`));
  } catch (error) {
    if (codeOf(error) === ('CRON_INVALID' satisfies keyof typeof cronErrors.definitions)) return undefined;
    throw error;
  }
}
