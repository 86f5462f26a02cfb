import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Router } from '@koa/router';
import Koa from 'koa';
import { type Check, CheckProblem } from '../../../src/operations/health/check.ts';
import { createHealth } from '../../../src/operations/health/health.ts';
import { healthErrors } from '../../../src/operations/health/health-errors.ts';
import { healthHandler } from '../../../src/operations/health/health-handler.ts';
import type { ServiceState } from '../../../src/operations/http/service.ts';
import { createLogger } from '../../../src/operations/logging.ts';
import { waitFor } from '../wait-for.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const well = (name: string, facts: Record<string, number>): Check => ({ name, critical: name === 'database', run: async () => facts });
const down = (name: string, critical: boolean): Check => ({
  name,
  critical,
  run: async () => {
    throw new Error('connect ECONNREFUSED 10.1.2.3:5432');
  },
});

async function serve(checks: readonly Check[]): Promise<(path?: string, init?: RequestInit) => Promise<Response>> {
  const health = createHealth({ checks, figures: { active_connections: () => 23 }, log: createLogger({ level: 'silent', name: 'test' }) });
  const router = new Router<ServiceState>();
  router.get('/core/health', healthHandler(health, { serviceId: 'holdfast', releaseId: '1.2.3' }));
  const answer = new Koa().use(router.routes()).callback();
  const server: Server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  closers.push(() => server.close(), () => health.stop());
  health.start();
  await waitFor(() => server.listening && health.report().checks.every((check) => check.status !== 'pending'));
  return (path = '/core/health/', init = {}) => fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, init);
}

const checks = [well('database', { response_time_ms: 1.2 }), well('redis', { response_time_ms: 0.8 }), well('disk_space', { percent_used: 45 })];

describe('GET /core/health/', () => {
  it('answers exactly the promised JSON', async () => {
    const get = await serve(checks);
    const answer = await get();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.json()).toEqual({
      status: 'healthy',
      checks: {
        database: { status: 'ok', response_time_ms: 1.2 },
        redis: { status: 'ok', response_time_ms: 0.8 },
        disk_space: { status: 'ok', percent_used: 45 },
        active_connections: 23,
      },
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
  });

  it('answers the same without the slash, and HEAD without a body', async () => {
    const get = await serve(checks);
    expect(await (await get('/core/health')).json()).toMatchObject({ status: 'healthy' });
    const head = await get('/core/health/', { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(100);
    expect(await head.text()).toBe('');
  });

  it('answers 200 and degraded while only something optional is down', async () => {
    const answer = await (await serve([well('database', {}), down('redis', false)]))();
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ status: 'degraded', checks: { redis: { status: 'error', error_code: 'CHECK_FAILED' } } });
  });

  it('answers 503 and unhealthy while something critical is down, and says nothing of the inside', async () => {
    const answer = await (await serve([down('database', true)]))('/core/health/?verbose');
    expect(answer.status).toBe(503);
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ status: 'unhealthy', checks: { database: { status: 'error', error_code: 'CHECK_FAILED', critical: true } } });
    expect(text).not.toMatch(/ECONNREFUSED|10\.1\.2\.3/);
  });

  it('says more with ?verbose', async () => {
    const answer = await (await serve(checks))('/core/health/?verbose');
    expect(await answer.json()).toMatchObject({
      checks: { database: { critical: true, failures: 0, observed_at: expect.any(String), duration_ms: expect.any(Number) } },
    });
  });

  it('answers application/health+json when asked for it', async () => {
    const low: Check = {
      name: 'disk_space',
      critical: false,
      run: async () => {
        throw new CheckProblem(healthErrors.DISK_SPACE_LOW({ path: '/', percent: 85 }), { level: 'warning', facts: { percent_used: 85 } });
      },
    };
    const get = await serve([well('database', { response_time_ms: 1.2 }), low, down('redis', false)]);
    const answer = await get('/core/health/', { headers: { Accept: 'application/health+json' } });
    expect(answer.headers.get('content-type')).toBe('application/health+json');
    expect(answer.headers.get('vary')).toBe('Accept');
    const time = expect.any(String);
    expect(await answer.json()).toEqual({
      status: 'warn',
      serviceId: 'holdfast',
      releaseId: '1.2.3',
      checks: {
        'database:responseTime': [{ observedValue: 1.2, observedUnit: 'ms', status: 'pass', time }],
        'disk_space:utilization': [{ observedValue: 85, observedUnit: 'percent', status: 'warn', output: 'DISK_SPACE_LOW', time }],
        redis: [{ status: 'fail', output: 'CHECK_FAILED', time }],
        active_connections: [{ observedValue: 23, status: 'pass', time }],
      },
    });
  });

  it.each(['*/*', 'text/html', 'application/json, application/health+json;q=0.5', ';;;,', 'a'.repeat(5_000)])('answers JSON to Accept: %.40s', async (accept) => {
    const answer = await (await serve(checks))('/core/health/', { headers: { Accept: accept } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });
});
