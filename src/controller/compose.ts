import { createClient } from '../kubernetes/client.ts';
import type { Connection } from '../kubernetes/connect.ts';
import { createEventRecorder } from '../kubernetes/events.ts';
import { createLeaderElection, type LeaderElectionOptions } from '../kubernetes/lease.ts';
import { fieldManager, group } from '../kubernetes/resources/names.ts';
import { eventLoopCheck } from '../operations/health/event-loop-check.ts';
import { createHealth } from '../operations/health/health.ts';
import { createLifecycle, type Lifecycle, type ServicePart } from '../operations/lifecycle/lifecycle.ts';
import type { Logger } from '../operations/logging.ts';
import { createManagementServer, type ManagementServer } from '../operations/management/management-server.ts';
import { observeHealth } from '../operations/metrics/gauges.ts';
import { createRegistry } from '../operations/metrics/registry.ts';
import { createMetricsRenderer } from '../operations/metrics/render-metrics.ts';
import type { ErrorTracking } from '../operations/sentry/error-tracking.ts';
import { type ControllerVariables, podSettingsOf } from './configuration.ts';
import type { ControllerContext } from './context.ts';
import { createControllerMetrics } from './controller-metrics.ts';
import { countWrites } from './count-writes.ts';
import { lead } from './lead.ts';
import type { Queues } from './queues.ts';
import { createView, type View } from './view.ts';
import { watchCheck } from './watch-check.ts';

interface Composing {
  readonly connection: Connection;
  readonly log: Logger;
  readonly tracking: ErrorTracking;
  readonly version: string;
  readonly now?: () => Date;
  readonly times?: Partial<Times>;
}

/** What a test makes shorter. */
interface Times extends Pick<LeaderElectionOptions, 'leaseSeconds' | 'renewDeadlineMs' | 'retryMs'> {
  readonly forgetAfterMs: number;
}

export interface Controller {
  readonly lifecycle: Lifecycle;
  readonly management: ManagementServer;
  readonly view: View;
  readonly isLeader: () => boolean;
  /** In the order in which they start; `runService` takes them. */
  readonly parts: readonly ServicePart[];
}

const flushWithinMs = 2_000;
const defaultForgetAfterMs = 30_000;

/** Makes a controller. Every replica follows the cluster, so that who takes over knows it already; only the leader acts. Nothing connects before its parts start. */
export function compose(variables: ControllerVariables, { connection, log, tracking, version, now = () => new Date(), times = {} }: Composing): Controller {
  const { forgetAfterMs = defaultForgetAfterMs, ...leaseTimes } = times;
  const lifecycle = createLifecycle();
  const registry = createRegistry({ version });
  const metrics = createControllerMetrics(registry);
  const client = countWrites(createClient({ connection, fieldManager }), metrics.wrote);
  const view = createView({ client, namespaces: variables.HOLDFAST_WATCH_NAMESPACES, log, onRestart: metrics.watchRestarted });
  const events = createEventRecorder({ client, controller: `${group}/controller`, instance: variables.HOLDFAST_IDENTITY, log });
  const context: ControllerContext = { client, view, events, settings: podSettingsOf(variables, version), now, forgetAfterMs, log };
  let queues: Queues | undefined;
  const election = createLeaderElection({
    client,
    namespace: variables.HOLDFAST_LEASE_NAMESPACE,
    name: variables.HOLDFAST_LEASE_NAME,
    identity: variables.HOLDFAST_IDENTITY,
    log,
    ...leaseTimes,
    lead: async (signal) => lead(context, { metrics, tracking, onQueues: (current) => { queues = current; } }, signal),
  });
  const health = createHealth({ checks: [watchCheck(view), eventLoopCheck()], log });
  observeHealth(registry, health);
  metrics.observe({
    isLeader: () => election.isLeader,
    depths: () => Object.fromEntries(Object.values(queues ?? {}).map((queue) => [queue.name, queue.depth()])),
  });
  const management = createManagementServer({
    host: variables.HOLDFAST_MANAGEMENT_HOST,
    port: variables.HOLDFAST_MANAGEMENT_PORT,
    health,
    lifecycle,
    log,
    metrics: createMetricsRenderer(registry),
    inspection: { configuration: () => variables },
  });
  return {
    lifecycle,
    management,
    view,
    isLeader: () => election.isLeader,
    parts: [
      management,
      { name: 'error tracking', stop: async () => void (await tracking.flush(flushWithinMs)) },
      { name: 'connection', stop: async () => connection.close() },
      ...view.all,
      health,
      election,
    ],
  };
}
