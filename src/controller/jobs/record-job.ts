import { isClusterError } from '../../kubernetes/cluster-errors.ts';
import { keyOf, type ObjectKey } from '../../kubernetes/informer.ts';
import type { Draft } from '../../kubernetes/objects.ts';
import type { Resource } from '../../kubernetes/resources/kinds.ts';
import { annotations, group, labels } from '../../kubernetes/resources/names.ts';
import type { ControllerContext } from '../context.ts';
import { controllerErrors } from '../controller-errors.ts';
import { hindrance } from '../findings.ts';
import { controllerOf } from '../ownership.ts';
import { isRecord } from './recorded-run.ts';
import type { SeenJob } from './job-outcome.ts';

const recordKinds = { backup: 'Backup', drill: 'Drill' } as const;

/**
 * Records a Job that a schedule's CronJob made as a Backup or Drill of its name, once: the Job says then that it was recorded, so that a
 * record that somebody deletes does not come back.
 */
export async function recordJob(context: ControllerContext, key: ObjectKey, signal: AbortSignal): Promise<void> {
  const { client, view } = context;
  const job = view.jobs.get(key);
  const kind = job && recordKindOf(job);
  const schedule = job && scheduleOfJob(context, job);
  if (!job || !kind || !schedule || job.metadata.deletionTimestamp !== undefined || job.metadata.annotations?.[annotations.recordedAs] !== undefined) return;
  const { namespace, name } = job.metadata;
  try {
    await client.create(kind, recordOf(job, schedule), { signal });
  } catch (error) {
    if (!isClusterError(error, 'OBJECT_EXISTS')) throw error;
    const there = await client.find(kind, { namespace, name }, { signal });
    if (there && !isRecord(there)) await refuse(context, { kind, name, schedule }, signal);
  }
  await client.patch('Job', { namespace, name }, { metadata: { annotations: { [annotations.recordedAs]: name } } }, { signal });
}

function recordKindOf({ metadata }: SeenJob): 'Backup' | 'Drill' | undefined {
  const operation = metadata.labels?.[labels.operation];
  return operation === 'backup' || operation === 'drill' ? recordKinds[operation] : undefined;
}

/** The schedule whose CronJob made a Job. Undefined of Jobs that were made for a one-shot resource, and of CronJobs that are not ours. */
export function scheduleOfJob({ view }: Pick<ControllerContext, 'view'>, job: SeenJob): Resource<'BackupSchedule'> | undefined {
  const owner = ownerOfCronJobOf({ view }, job);
  return owner?.kind === 'BackupSchedule' ? view.schedules.get(keyOf({ namespace: job.metadata.namespace, name: owner.name })) : undefined;
}

/** Whom the CronJob works for that made a Job. */
export function ownerOfCronJobOf({ view }: Pick<ControllerContext, 'view'>, job: SeenJob) {
  const owner = controllerOf(job);
  const cronJob = owner?.kind === 'CronJob' ? view.cronJobs.get(keyOf({ namespace: job.metadata.namespace, name: owner.name })) : undefined;
  return cronJob && controllerOf(cronJob);
}

function recordOf({ metadata }: SeenJob, schedule: Resource<'BackupSchedule'>): Draft<'Backup' | 'Drill'> {
  const ours = Object.entries(metadata.labels ?? {}).filter(([label]) => label.startsWith(`${group}/`));
  return {
    metadata: { namespace: metadata.namespace, name: metadata.name, labels: Object.fromEntries(ours), annotations: { [annotations.origin]: 'schedule' } },
    spec: { scheduleRef: { name: schedule.metadata.name } },
  };
}

async function refuse({ events }: ControllerContext, { kind, name, schedule }: { readonly kind: string; readonly name: string; readonly schedule: Resource<'BackupSchedule'> }, signal: AbortSignal): Promise<void> {
  const { reason, message } = hindrance('Recorded', controllerErrors.NAME_TAKEN({ kind, name }));
  await events.record({ regarding: schedule, type: 'Warning', reason, action: 'RecordJob', note: message }, { signal });
}
