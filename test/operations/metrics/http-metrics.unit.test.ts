import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { EventEmitter, once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Router } from '@koa/router';
import Koa from 'koa';
import type { ServiceMiddleware, ServiceState } from '../../../src/operations/http/service.ts';
import { httpMetrics } from '../../../src/operations/metrics/http-metrics.ts';
import { createRegistry } from '../../../src/operations/metrics/registry.ts';
import { createMetricsRenderer } from '../../../src/operations/metrics/render-metrics.ts';
import { waitFor } from '../wait-for.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** What the error handling and the router leave in a context. */
const answerErrors: ServiceMiddleware = async (ctx, next) => {
  try {
    await next();
  } catch {
    ctx.status = 500;
    ctx.body = 'failed';
    ctx.state.errorCode = 'INTERNAL_ERROR';
  }
};

const noteRoute: ServiceMiddleware = async (ctx, next) => {
  try {
    await next();
  } finally {
    const route: unknown = ctx['_matchedRoute'];
    if (typeof route === 'string') ctx.state.routePath = route;
  }
};

async function serve() {
  const registry = createRegistry({ version: '1.2.3' });
  const slow = new EventEmitter();
  const router = new Router<ServiceState>();
  router.get('/users/:id', (ctx) => {
    ctx.body = 'ok';
  });
  router.get('/slow', async (ctx) => {
    await once(slow, 'release');
    ctx.body = 'ok';
  });
  router.get('/broken', () => {
    throw new Error('broken');
  });
  const app = new Koa<ServiceState>().use(httpMetrics(registry)).use(answerErrors).use(noteRoute);
  app.use(router.routes());
  const answer = app.callback();
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const render = createMetricsRenderer(registry);
  const sample = async (start: string) => (await render()).body.split('\n').filter((line) => line.startsWith(start));
  return { port, sample, render, release: () => slow.emit('release'), ask: async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text() };
}

describe('httpMetrics', () => {
  it('counts requests by method, route template and status, never by path', async () => {
    const { ask, sample } = await serve();
    for (const path of ['/users/1', '/users/2', '/absent/3?secret=1', '/absent/4', '/broken']) await ask(path);
    expect(await sample('http_request_duration_seconds_count')).toEqual([
      'http_request_duration_seconds_count{method="GET",route="/users/:id",status="200"} 2',
      'http_request_duration_seconds_count{method="GET",route="other",status="404"} 2',
      'http_request_duration_seconds_count{method="GET",route="/broken",status="500"} 1',
    ]);
    expect(await sample('holdfast_errors_total')).toEqual(['holdfast_errors_total{error_code="INTERNAL_ERROR"} 1']);
  });

  it('has buckets in seconds', async () => {
    const { ask, sample } = await serve();
    await ask('/users/1');
    const buckets = await sample('http_request_duration_seconds_bucket');
    expect(buckets).toHaveLength(12);
    expect(buckets.at(-1)).toContain('le="+Inf"');
    const [sum = ''] = await sample('http_request_duration_seconds_sum');
    expect(Number(sum.split(' ')[1])).toBeGreaterThan(0);
    expect(Number(sum.split(' ')[1])).toBeLessThan(1);
  });

  it('shows what is in flight', async () => {
    const { ask, sample, release } = await serve();
    const answer = ask('/slow');
    await waitFor(async () => (await sample('http_requests_in_flight'))[0] === 'http_requests_in_flight 1');
    release();
    await answer;
    expect(await sample('http_requests_in_flight')).toEqual(['http_requests_in_flight 0']);
  });

  it('keeps its labels bounded whatever the clients send', async () => {
    const { port, sample } = await serve();
    for (const start of ['PROPFIND /a', 'MKCOL /b"}', 'GET /%00', 'GET //x', 'GET /users/%ff']) {
      const socket = connect(port, '127.0.0.1');
      socket.end(`${start} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      socket.resume();
      await once(socket, 'close');
    }
    const routes = (await sample('http_request_duration_seconds_count')).map((line) => /route="([^"]*)"/.exec(line)?.[1]);
    expect(new Set(routes).difference(new Set(['other', '/users/:id'])).size).toBe(0);
  });

  it('tells of process, event loop and build under standard names', async () => {
    const { render } = await serve();
    const { contentType, body } = await render();
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds', 'nodejs_gc_duration_seconds']) {
      expect(body).toContain(`# TYPE ${name} `);
    }
    expect(body).toContain(`holdfast_build_info{version="1.2.3",node_version="${process.version}"} 1\n`);
  });
});
