import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** The names, for alerts and dashboards: tests compare them. */
export const controllerMetricNames = {
  leader: 'holdfast_controller_leader',
  reconciles: 'holdfast_controller_reconciles_total',
  duration: 'holdfast_controller_reconcile_duration_seconds',
  queueDepth: 'holdfast_controller_queue_depth',
  watchRestarts: 'holdfast_controller_watch_restarts_total',
  writes: 'holdfast_controller_writes_total',
} as const;

/** `kind` is that of the object worked on; `Job` for what records runs. */
export interface ControllerMetrics {
  readonly reconciled: (kind: string, outcome: 'done' | 'failed', seconds: number) => void;
  readonly watchRestarted: (kind: string) => void;
  readonly wrote: (kind: string) => void;
  /** Read at each scrape. */
  readonly observe: (read: { readonly isLeader: () => boolean; readonly depths: () => Readonly<Record<string, number>> }) => void;
}

export function createControllerMetrics(registry: Registry): ControllerMetrics {
  const registers = [registry];
  const labelNames = ['kind'] as const;
  const reconciles = new Counter({ name: controllerMetricNames.reconciles, help: 'Looks at an object, by outcome: done or failed.', labelNames: ['kind', 'outcome'], registers });
  const duration = new Histogram({ name: controllerMetricNames.duration, help: 'How long a look at an object took.', labelNames, buckets: [0.001, 0.01, 0.1, 1, 10], registers });
  const watchRestarts = new Counter({ name: controllerMetricNames.watchRestarts, help: 'Watches that were started over because they failed or fell silent.', labelNames, registers });
  const writes = new Counter({ name: controllerMetricNames.writes, help: 'Requests that change the cluster.', labelNames, registers });
  return {
    reconciled(kind, outcome, seconds) {
      reconciles.inc({ kind, outcome });
      duration.observe({ kind }, seconds);
    },
    watchRestarted: (kind) => watchRestarts.inc({ kind }),
    wrote: (kind) => writes.inc({ kind }),
    observe: (read) => observeLeading(registry, read),
  };
}

function observeLeading(registry: Registry, { isLeader, depths }: Parameters<ControllerMetrics['observe']>[0]): void {
  const registers = [registry];
  const leader: Gauge = new Gauge({ name: controllerMetricNames.leader, help: '1 in the pod that leads.', registers, collect: () => leader.set(isLeader() ? 1 : 0) });
  const queueDepth: Gauge<'kind'> = new Gauge({
    name: controllerMetricNames.queueDepth,
    help: 'Objects that wait to be looked at, or are being looked at.',
    labelNames: ['kind'],
    registers,
    collect() {
      for (const [kind, depth] of Object.entries(depths())) queueDepth.set({ kind }, depth);
    },
  });
}
