import { type Change, keyOf, type ObjectKey } from '../kubernetes/informer.ts';
import type { CronJob } from '../kubernetes/objects.ts';
import type { Resource } from '../kubernetes/resources/kinds.ts';
import { isToForget } from './backups/forget-deleted.ts';
import type { ControllerContext } from './context.ts';
import type { SeenJob } from './jobs/job-outcome.ts';
import { ownerOfCronJobOf } from './jobs/record-job.ts';
import { isOver } from './jobs/run-status.ts';
import { controllerOf } from './ownership.ts';
import type { Queues } from './queues.ts';
import { besideOf, type View } from './view.ts';

/** Which objects a change of another is of interest to. Told of what is there already, too. Gives what ends it. */
export function routeChanges({ view, forgetAfterMs }: Pick<ControllerContext, 'view' | 'forgetAfterMs'>, queues: Queues, deleted: Map<ObjectKey, Resource<'Backup'>>): () => void {
  const stops = [
    view.repositories.onChange((change) => routeRepository(view, queues, change)),
    view.schedules.onChange((change) => routeSchedule(view, queues, change)),
    view.backups.onChange((change) => {
      routeBackup(queues, change);
      if (change.type !== 'deleted' || !isToForget(change.object)) return;
      deleted.set(change.key, change.object);
      queues.deletedBackups.addAfter(change.key, forgetAfterMs);
    }),
    view.restores.onChange(({ key }) => queues.restores.add(key)),
    view.drills.onChange((change) => routeDrill(view, queues, change)),
    view.cronJobs.onChange((change) => routeCronJob(view, queues, change)),
    view.jobs.onChange(({ key, object }) => routeJob(view, queues, key, object)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Its status is written after each run: only what others wait for, or are made of, goes on to them. */
function routeRepository(view: View, queues: Queues, { type, key, object, previous }: Change<Resource<'BackupRepository'>>): void {
  queues.repositories.add(key);
  const isUsable = object.status?.repositoryId !== undefined;
  const wasUsable = previous?.status?.repositoryId !== undefined;
  if (type === 'changed' && isUsable === wasUsable && object.metadata.generation === previous?.metadata.generation) return;
  for (const { metadata } of view.schedulesOfRepository.get(key)) queues.schedules.add(keyOf(metadata));
  addWaiting(view, queues, object.metadata.namespace);
}

function routeSchedule(view: View, queues: Queues, { type, key, object }: Change<Resource<'BackupSchedule'>>): void {
  queues.schedules.add(key);
  if (type !== 'changed') addWaiting(view, queues, object.metadata.namespace);
}

/** A schedule looks at all of its runs: what happens to many of them within this time is looked at once. */
const gatherMs = 50;

/** Runs that have not ended may have waited for just this. */
function addWaiting(view: View, queues: Queues, namespace: string): void {
  for (const [kind, queue] of [[view.backups, queues.backups], [view.restores, queues.restores], [view.drills, queues.drills]] as const) {
    for (const run of kind.values()) {
      if (run.metadata.namespace === namespace && !isOver(run)) queue.add(keyOf(run.metadata));
    }
  }
}

function routeBackup(queues: Queues, { key, object, previous }: Change<Resource<'Backup'>>): void {
  queues.backups.add(key);
  const schedule = besideOf(object.metadata, object.spec.scheduleRef?.name);
  if (schedule) queues.schedules.addAfter(schedule, gatherMs);
  const repository = besideOf(object.metadata, object.status?.repository);
  if (repository && previous !== undefined && !isOver(previous) && isOver(object)) queues.repositories.add(repository);
}

function routeDrill(view: View, queues: Queues, { key, object }: Change<Resource<'Drill'>>): void {
  queues.drills.add(key);
  const schedule = besideOf(object.metadata, object.spec.scheduleRef?.name);
  if (schedule) queues.schedules.addAfter(schedule, gatherMs);
  const proven = besideOf(object.metadata, object.status?.backupId);
  if (proven) for (const { metadata } of view.backupsOfId.get(proven)) queues.backups.add(keyOf(metadata));
}

/** The Jobs of a CronJob may have been seen before it. */
function routeCronJob(view: View, queues: Queues, { type, object }: Change<CronJob>): void {
  const owner = controllerOf(object);
  const key = besideOf(object.metadata, owner?.name);
  if (key && owner?.kind === 'BackupSchedule') queues.schedules.add(key);
  if (key && owner?.kind === 'BackupRepository') queues.repositories.add(key);
  if (type === 'added') for (const { metadata } of view.jobsOfOwner.get(object.metadata.uid ?? '')) queues.jobs.add(keyOf(metadata));
}

function routeJob(view: View, queues: Queues, key: ObjectKey, job: SeenJob): void {
  const owner = controllerOf(job);
  const ownerKey = besideOf(job.metadata, owner?.name);
  if (!owner || !ownerKey) return;
  if (owner.kind === 'Backup') queues.backups.add(ownerKey);
  else if (owner.kind === 'Restore') queues.restores.add(ownerKey);
  else if (owner.kind === 'Drill') queues.drills.add(ownerKey);
  else if (owner.kind === 'BackupRepository') queues.repositories.add(ownerKey);
  else if (owner.kind === 'CronJob') routeJobOfCronJob(view, queues, key, job);
}

/** A record has the name of its Job. */
function routeJobOfCronJob(view: View, queues: Queues, key: ObjectKey, job: SeenJob): void {
  queues.jobs.add(key);
  if (view.backups.get(key)) queues.backups.add(key);
  if (view.drills.get(key)) queues.drills.add(key);
  const owner = ownerOfCronJobOf({ view }, job);
  const ownerKey = besideOf(job.metadata, owner?.name);
  if (ownerKey && owner?.kind === 'BackupSchedule') queues.schedules.add(ownerKey);
  if (ownerKey && owner?.kind === 'BackupRepository') queues.repositories.add(ownerKey);
}
