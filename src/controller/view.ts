import type { Client } from '../kubernetes/client.ts';
import { createInformer, type Informer, keyOf, type ObjectKey } from '../kubernetes/informer.ts';
import type { AnyKind, CronJob, ObjectOf } from '../kubernetes/objects.ts';
import type { ObjectMeta, Resource } from '../kubernetes/resources/kinds.ts';
import { labels } from '../kubernetes/resources/names.ts';
import type { Logger } from '../operations/logging.ts';
import { type Index, indexBy } from './index-by.ts';
import type { SeenJob } from './jobs/job-outcome.ts';
import { controllerOf } from './ownership.ts';

/** What the controller sees of the cluster: caches that follow it. Reading costs the API server nothing. */
export interface View {
  readonly repositories: Informer<Resource<'BackupRepository'>>;
  readonly schedules: Informer<Resource<'BackupSchedule'>>;
  readonly backups: Informer<Resource<'Backup'>>;
  readonly restores: Informer<Resource<'Restore'>>;
  readonly drills: Informer<Resource<'Drill'>>;
  readonly cronJobs: Informer<CronJob>;
  readonly jobs: Informer<SeenJob>;
  /** By the key of what they name or belong to. */
  readonly schedulesOfRepository: Index<Resource<'BackupSchedule'>>;
  readonly backupsOfSchedule: Index<Resource<'Backup'>>;
  readonly backupsOfRepository: Index<Resource<'Backup'>>;
  readonly backupsOfId: Index<Resource<'Backup'>>;
  readonly drillsOfSchedule: Index<Resource<'Drill'>>;
  readonly drillsOfId: Index<Resource<'Drill'>>;
  readonly jobsOfOwner: Index<SeenJob>;
  readonly cronJobsOfOwner: Index<CronJob>;
  readonly all: readonly Informer<unknown>[];
}

export interface ViewOptions {
  readonly client: Client;
  readonly namespaces: readonly string[];
  readonly log: Logger;
  readonly onRestart: (kind: AnyKind) => void;
}

export function createView({ client, namespaces, log, onRestart }: ViewOptions): View {
  const follow = <Kind extends AnyKind, Kept>(kind: Kind, select: (object: ObjectOf<Kind>) => Kept, labelSelector?: string) =>
    createInformer({ client, kind, namespaces, select, log, onRestart, ...(labelSelector !== undefined && { labelSelector }) });
  const repositories = follow('BackupRepository', withLittleMeta);
  const schedules = follow('BackupSchedule', withLittleMeta);
  const backups = follow('Backup', withLittleMeta);
  const restores = follow('Restore', withLittleMeta);
  const drills = follow('Drill', withLittleMeta);
  const cronJobs = follow('CronJob', withLittleMeta, labels.operation);
  const jobs = follow('Job', ({ metadata, status }): SeenJob => ({ metadata: littleMeta(metadata), ...(status && { status }) }), labels.operation);
  return {
    repositories,
    schedules,
    backups,
    restores,
    drills,
    cronJobs,
    jobs,
    schedulesOfRepository: indexBy(schedules, ({ metadata, spec }) => besideOf(metadata, spec.repositoryRef.name)),
    backupsOfSchedule: indexBy(backups, ({ metadata, spec }) => besideOf(metadata, spec.scheduleRef?.name)),
    backupsOfRepository: indexBy(backups, ({ metadata, spec, status }) => besideOf(metadata, spec.repositoryRef?.name ?? status?.repository)),
    backupsOfId: indexBy(backups, ({ metadata, status }) => besideOf(metadata, status?.backupId)),
    drillsOfSchedule: indexBy(drills, ({ metadata, spec }) => besideOf(metadata, spec.scheduleRef?.name)),
    drillsOfId: indexBy(drills, ({ metadata, status }) => besideOf(metadata, status?.backupId)),
    jobsOfOwner: indexBy(jobs, (job) => controllerOf(job)?.uid),
    cronJobsOfOwner: indexBy(cronJobs, (cronJob) => controllerOf(cronJob)?.uid),
    all: [repositories, schedules, backups, restores, drills, cronJobs, jobs],
  };
}

/** The key of what an object names in its own namespace. */
export function besideOf({ namespace }: Pick<ObjectMeta, 'namespace'>, name: string | undefined): ObjectKey | undefined {
  return name === undefined ? undefined : keyOf({ namespace, name });
}

function withLittleMeta<Kept extends { readonly metadata: ObjectMeta }>(object: Kept): Kept {
  return { ...object, metadata: littleMeta(object.metadata) };
}

/** Without `managedFields`, which are half of an object and of no use here. */
function littleMeta({ name, namespace, uid, resourceVersion, generation, creationTimestamp, deletionTimestamp, labels: marks, annotations, ownerReferences }: ObjectMeta): ObjectMeta {
  const little = { name, namespace, uid, resourceVersion, generation, creationTimestamp, deletionTimestamp, labels: marks, annotations, ownerReferences };
  return Object.fromEntries(Object.entries(little).filter(([, value]) => value !== undefined)) as unknown as ObjectMeta;
}
