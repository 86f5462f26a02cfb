import type { Resource } from '../../kubernetes/resources/kinds.ts';
import { annotations } from '../../kubernetes/resources/names.ts';
import { controllerOf } from '../ownership.ts';
import type { Run } from './follow-run.ts';

type Recordable = Resource<'Backup'> | Resource<'Drill'>;

/** Whether it records what a CronJob's Job did, rather than asks for one. */
export function isRecord({ metadata }: Recordable): boolean {
  return metadata.annotations?.[annotations.origin] === 'schedule';
}

/** The run that a record tells of: a CronJob made its Job, which has the record's name. */
export function recordedRun(record: Recordable): Run {
  return { object: record, jobName: record.metadata.name, owns: (job) => controllerOf(job)?.kind === 'CronJob' };
}
