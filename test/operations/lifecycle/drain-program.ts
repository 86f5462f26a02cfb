import Koa from 'koa';
import { setTimeout as sleep } from 'node:timers/promises';
import { createHealth } from '../../../src/operations/health/health.ts';
import { createHttpServer } from '../../../src/operations/lifecycle/http-server.ts';
import { createLifecycle } from '../../../src/operations/lifecycle/lifecycle.ts';
import { runService } from '../../../src/operations/lifecycle/run-service.ts';
import { createLogger } from '../../../src/operations/logging.ts';
import { createManagementServer } from '../../../src/operations/management/management-server.ts';
import { createMetricsRenderer } from '../../../src/operations/metrics/render-metrics.ts';
import { createRegistry } from '../../../src/operations/metrics/registry.ts';

/**
 * A service of its own process for tests: `/wait?ms=` answers late, `/block?ms=` holds the event loop up. Tells its ports as a line of JSON
 * on standard output.
 */
const log = createLogger({ level: 'info', name: 'service' });
const lifecycle = createLifecycle();
const health = createHealth({ checks: [], log });
const app = new Koa();
app.use(async (ctx) => {
  const milliseconds = Number(ctx.query['ms']);
  if (ctx.path === '/block') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
  else await sleep(milliseconds);
  ctx.body = 'done';
});
const http = createHttpServer({ host: '127.0.0.1', port: 0, handler: app.callback(), log });
const metrics = createMetricsRenderer(createRegistry({ version: 'test' }));
const management = createManagementServer({
  host: '127.0.0.1',
  port: 0,
  hungAfterMs: 3_000,
  answerTimeoutMs: 1_000,
  health,
  lifecycle,
  metrics,
  log,
});
const ready = {
  name: 'announcement',
  start: () => void process.stdout.write(`${JSON.stringify({ http: http.port(), management: management.port() })}\n`),
};
process.exitCode = await runService({
  parts: [management, health, http, ready],
  lifecycle,
  log,
  signals: process,
  drainMs: 1_000,
  deadlineMs: 10_000,
});
