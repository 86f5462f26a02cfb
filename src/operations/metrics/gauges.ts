import { Gauge, type Registry } from 'prom-client';
import type { CheckReport } from '../health/check-watch.ts';
import type { Health, HealthStatus } from '../health/health.ts';

/** Numbers of a pool of connections by state, such as `{ used, idle, waiting }`. */
export type PoolUse = () => Readonly<Record<string, number>>;

/** Shows how pools are used, read at each scrape: `holdfast_pool_connections` by pool and state. */
export function observePools(registry: Registry, pools: Readonly<Record<string, PoolUse>>): void {
  const gauge = new Gauge({
    name: 'holdfast_pool_connections',
    help: 'Connections of a pool by state; those waiting are callers without one.',
    labelNames: ['pool', 'state'],
    registers: [registry],
    collect() {
      for (const [pool, use] of Object.entries(pools)) {
        for (const [state, count] of Object.entries(use())) gauge.set({ pool, state }, count);
      }
    },
  });
}

/** Shows the application's open connections, read at each scrape: `http_connections_active`. */
export function observeConnections(registry: Registry, activeConnections: () => number): void {
  const gauge: Gauge = new Gauge({
    name: 'http_connections_active',
    help: 'Open connections of the HTTP server, idle ones included.',
    registers: [registry],
    collect: () => gauge.set(activeConnections()),
  });
}

/**
 * Shows the health checks, read at each scrape: `holdfast_check_up` (1 unless failed or not run yet), `holdfast_check_duration_seconds`
 * of the last run, `holdfast_health_status` (1 for the status that holds).
 */
export function observeHealth(registry: Registry, health: Health): void {
  const registers = [registry];
  // Registered first, because its `collect` sets the other two, which are rendered after it.
  const up = new Gauge({
    name: 'holdfast_check_up',
    help: '1 while the check is well.',
    labelNames: ['check', 'critical'],
    registers,
    collect() {
      const report = health.report();
      for (const name of ['healthy', 'degraded', 'unhealthy'] satisfies HealthStatus[]) status.set({ status: name }, report.status === name ? 1 : 0);
      for (const check of report.checks) {
        up.set({ check: check.name, critical: String(check.critical) }, isUp(check) ? 1 : 0);
        if (check.durationMs !== undefined) duration.set({ check: check.name }, check.durationMs / 1_000);
      }
    },
  });
  const status = new Gauge({ name: 'holdfast_health_status', help: 'Whether the service is in this status.', labelNames: ['status'], registers });
  const duration = new Gauge({
    name: 'holdfast_check_duration_seconds',
    help: "How long a check's last run took.",
    labelNames: ['check'],
    registers,
  });
}

function isUp({ status }: CheckReport): boolean {
  return status === 'ok' || status === 'warning';
}
