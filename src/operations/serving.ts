import type { Registry } from 'prom-client';
import type { Application } from './application.ts';
import type { Check } from './health/check.ts';
import { createHealth, type Health } from './health/health.ts';
import { createHttpServer, type HttpServer } from './lifecycle/http-server.ts';
import { createLifecycle, type Lifecycle, type ServicePart } from './lifecycle/lifecycle.ts';
import type { Logger } from './logging.ts';
import type { Inspection } from './management/answer.ts';
import { createManagementServer, type ManagementServer } from './management/management-server.ts';
import { observeConnections, observeHealth, observePools, type PoolUse } from './metrics/gauges.ts';
import { createRegistry } from './metrics/registry.ts';
import { createMetricsRenderer } from './metrics/render-metrics.ts';
import type { ErrorTracking } from './sentry/error-tracking.ts';
import type { OperationalSettings } from './service-variables.ts';

export interface ServingOptions {
  readonly settings: OperationalSettings;
  readonly version: string;
  readonly log: Logger;
  readonly tracking: ErrorTracking;
  readonly checks: readonly Check[];
  /** What the application works with: starts before it serves and stops after it. */
  readonly parts: readonly ServicePart[];
  readonly pools?: Readonly<Record<string, PoolUse>>;
  readonly inspection: Inspection;
  /** Makes the application that is served. */
  readonly app: (made: { readonly health: Health; readonly registry: Registry }) => Application;
}

export interface Serving {
  readonly app: Application;
  readonly lifecycle: Lifecycle;
  readonly server: HttpServer;
  readonly management: ManagementServer;
  /** In the order in which they start; `runService` takes them. */
  readonly parts: readonly ServicePart[];
}

/** Last in a stop: what is left to be sent must not hold it up. */
const flushWithinMs = 2_000;

/** What an application is served with: health, metrics, its server and the management port. Nothing listens before the parts start. */
export function createServing({ settings, version, log, tracking, checks, parts, pools = {}, inspection, app: make }: ServingOptions): Serving {
  const { host, port, managementHost, managementPort } = settings;
  const lifecycle = createLifecycle();
  const registry = createRegistry({ version });
  const health = createHealth({ checks, figures: { active_connections: () => server.activeConnections() }, log });
  const app = make({ health, registry });
  const server = createHttpServer({ host, port, handler: app.koa.callback(), log });
  observeHealth(registry, health);
  observeConnections(registry, () => server.activeConnections());
  observePools(registry, pools);
  const management = createManagementServer({
    host: managementHost,
    port: managementPort,
    health,
    lifecycle,
    log,
    metrics: createMetricsRenderer(registry),
    inspection: { routes: () => app.routes(), ...inspection },
  });
  const flush = { name: 'error tracking', stop: async () => void (await tracking.flush(flushWithinMs)) };
  return { app, lifecycle, server, management, parts: [management, flush, ...parts, health, server] };
}
