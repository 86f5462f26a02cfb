import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Router } from '@koa/router';
import Koa from 'koa';
import { compose } from '../../src/api/compose.ts';
import { readServiceConfiguration } from '../../src/api/configuration.ts';
import { httpErrors } from '../../src/operations/http/http-errors.ts';
import { routeRequests } from '../../src/operations/http/route-requests.ts';
import type { ServiceState } from '../../src/operations/http/service.ts';
import { createHttpServer } from '../../src/operations/lifecycle/http-server.ts';
import { createLogger, linesOfATurn } from '../../src/operations/logging.ts';
import type { ErrorTracking } from '../../src/operations/sentry/error-tracking.ts';
import type { TargetPorts } from './start-target.ts';

/** What every `/json` answers: about as much as one account or backup. */
const answer = { id: '0198c7b4-8a51-7c3e-9d2f-6f1f0a2b3c4d', name: 'shop-production', role: 'operator', createdAt: '2026-01-01T00:00:00.000Z', disabled: false };

/** node:http with nothing around it, answering what `/livez` answers. */
export async function bareHttp(): Promise<TargetPorts> {
  const headers = { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': '3', 'Cache-Control': 'no-store' };
  return listen((_, response) => response.writeHead(200, headers).end('ok\n'));
}

/** Koa with its router and nothing else. */
export async function bareKoa(): Promise<TargetPorts> {
  const router = new Router();
  router.get('/json', (ctx) => { ctx.body = answer; });
  const koa = new Koa();
  koa.use(router.routes());
  const handle = koa.callback();
  return listen((request, response) => void handle(request, response));
}

async function listen(handler: RequestListener): Promise<TargetPorts> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  return { port, managementPort: port };
}

/**
 * The composed service by the process's environment. Its last middleware, the router, gives way to one whose routes cost nothing
 * of their own: what is measured is all that stands before it.
 */
export async function service(tracking: ErrorTracking): Promise<TargetPorts> {
  const configuration = readServiceConfiguration(process.env, { folder: process.cwd() });
  const log = createLogger({ level: configuration.variables.HOLDFAST_LOG_LEVEL, name: 'holdfast' }, linesOfATurn());
  const { app, catalog, lifecycle, management, parts, server: composed } = await compose(configuration, { log, tracking, version: '0.0.0' });
  app.koa.middleware.splice(-1, 1, routeRequests(createRoutes(Number(process.env['BENCH_FURTHER_ROUTES']))));
  const server = createHttpServer({ host: configuration.host, port: 0, handler: app.koa.callback(), log });
  let probes = 0;
  const check = catalog.check.bind(catalog);
  Object.assign(catalog, { check: async (...words: Parameters<typeof check>) => {
    probes += 1;
    return check(...words);
  } });
  for (const part of [...parts.filter((each) => each !== composed), server]) await part.start?.(AbortSignal.timeout(30_000));
  lifecycle.phase = 'running';
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  // Each question starts the figures anew.
  process.on('message', () => {
    process.send?.({ probes, longestTurnMs: delay.max / 1e6 });
    probes = 0;
    delay.reset();
  });
  return { port: server.port(), managementPort: management.port() };
}

function createRoutes(further: number): Router<ServiceState> {
  const router = new Router<ServiceState>();
  router.get('/json', (ctx) => { ctx.body = answer; });
  router.get('/refused', () => { throw httpErrors.ACCESS_DENIED({}); });
  for (let route = 0; route < further; route += 1) router.get(`/further/${route}`, (ctx) => { ctx.body = answer; });
  return router;
}
