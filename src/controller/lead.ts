import { once } from 'node:events';
import type { ObjectKey } from '../kubernetes/informer.ts';
import type { Resource } from '../kubernetes/resources/kinds.ts';
import type { ErrorTracking } from '../operations/sentry/error-tracking.ts';
import type { ControllerContext } from './context.ts';
import type { ControllerMetrics } from './controller-metrics.ts';
import { createQueues, type Queues } from './queues.ts';
import { routeChanges } from './route-changes.ts';

interface LeadOptions {
  readonly metrics: ControllerMetrics;
  readonly tracking: ErrorTracking;
  /** Told which queues are worked on now; undefined once none is. */
  readonly onQueues: (queues: Queues | undefined) => void;
}

/** What only the leader does: looks at every object, and again at each change, until the signal aborts. What is under way then is cut off: whoever leads next sees what is left to do. */
export async function lead(context: ControllerContext, { metrics, onQueues, tracking }: LeadOptions, signal: AbortSignal): Promise<void> {
  const { view, log } = context;
  await Promise.all(view.all.map(async (informer) => informer.synced(signal)));
  const deleted = new Map<ObjectKey, Resource<'Backup'>>();
  const queues = createQueues(context, { metrics, tracking, deleted });
  const stopRouting = routeChanges(context, queues, deleted);
  const all = Object.values(queues);
  onQueues(queues);
  for (const queue of all) queue.start();
  log.info('leading');
  if (!signal.aborted) await once(signal, 'abort');
  stopRouting();
  await Promise.all(all.map(async (queue) => queue.stop(signal)));
  onQueues(undefined);
  log.info('no longer leading');
}
