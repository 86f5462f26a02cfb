import { isClusterError } from '../kubernetes/cluster-errors.ts';
import type { ObjectKey } from '../kubernetes/informer.ts';
import { createWorkQueue, type WorkQueue } from '../kubernetes/queue.ts';
import type { Resource } from '../kubernetes/resources/kinds.ts';
import { HoldfastError } from '../operations/errors.ts';
import type { ErrorTracking } from '../operations/sentry/error-tracking.ts';
import { forgetDeleted } from './backups/forget-deleted.ts';
import { reconcileBackup } from './backups/reconcile.ts';
import type { Again, ControllerContext } from './context.ts';
import { controllerErrors } from './controller-errors.ts';
import type { ControllerMetrics } from './controller-metrics.ts';
import { reconcileDrill } from './drills/reconcile.ts';
import { recordJob } from './jobs/record-job.ts';
import { reconcileRepository } from './repositories/reconcile.ts';
import { reconcileRestore } from './restores/reconcile.ts';
import { reconcileSchedule } from './schedules/reconcile.ts';

type Work = (context: ControllerContext, key: ObjectKey, signal: AbortSignal) => Promise<Again | undefined | void>;

/** What waits to be looked at: a queue a kind, so that one kind's trouble holds up no other. */
export interface Queues {
  readonly repositories: WorkQueue<ObjectKey>;
  readonly schedules: WorkQueue<ObjectKey>;
  readonly backups: WorkQueue<ObjectKey>;
  readonly restores: WorkQueue<ObjectKey>;
  readonly drills: WorkQueue<ObjectKey>;
  /** Jobs of CronJobs, to be recorded. */
  readonly jobs: WorkQueue<ObjectKey>;
  /** Deleted Backups, to be forgotten in the repository. */
  readonly deletedBackups: WorkQueue<ObjectKey>;
}

export interface QueueOptions {
  readonly metrics: ControllerMetrics;
  readonly tracking: ErrorTracking;
  /** By key: what was kept of a Backup that is gone. */
  readonly deleted: Map<ObjectKey, Resource<'Backup'>>;
}

/** Enough for the API server to be what is waited for. */
const workers = 8;

export function createQueues(context: ControllerContext, { deleted, metrics, tracking }: QueueOptions): Queues {
  const queue = (kind: string, work: Work): WorkQueue<ObjectKey> =>
    createWorkQueue({ name: kind, workers, work: measured(kind, work, context, metrics), onFailure: (error, key, failures) => report(error, { kind, key, failures, context, tracking }) });
  return {
    repositories: queue('BackupRepository', reconcileRepository),
    schedules: queue('BackupSchedule', reconcileSchedule),
    backups: queue('Backup', reconcileBackup),
    restores: queue('Restore', reconcileRestore),
    drills: queue('Drill', reconcileDrill),
    jobs: queue('Job', recordJob),
    deletedBackups: queue('DeletedBackup', async (_context, key, signal) => {
      const backup = deleted.get(key);
      if (backup) await forgetDeleted(context, backup, signal);
      deleted.delete(key);
    }),
  };
}

function measured(kind: string, work: Work, context: ControllerContext, metrics: ControllerMetrics) {
  return async (key: ObjectKey, signal: AbortSignal): Promise<Again | void> => {
    const startedMs = performance.now();
    const seconds = (): number => (performance.now() - startedMs) / 1_000;
    try {
      const again = await work(context, key, signal);
      metrics.reconciled(kind, 'done', seconds());
      return again ?? undefined;
    } catch (error) {
      // Nothing more can be made there, nor need be.
      if (isClusterError(error, 'NAMESPACE_ENDING')) return;
      metrics.reconciled(kind, 'failed', seconds());
      throw error;
    }
  };
}

interface Failure {
  readonly kind: string;
  readonly key: ObjectKey;
  readonly failures: number;
  readonly context: ControllerContext;
  readonly tracking: ErrorTracking;
}

/** The first failure of an object is told, not each try. */
function report(error: unknown, { kind, key, failures, context: { log }, tracking }: Failure): void {
  if (failures > 1) return;
  log.warn({ err: error, kind, object: key }, 'an object could not be brought to where it should be; trying again');
  if (!(error instanceof HoldfastError)) tracking.report(controllerErrors.RECONCILE_FAILED({}, { cause: error }), { tags: { kind } });
}
