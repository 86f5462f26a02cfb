import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Books, openBooks } from '../../examples/host-service/books.ts';
import { errorFamilies } from '../../examples/host-service/error-families.ts';
import { leasing } from '../../examples/host-service/leasing.ts';
import { createService, type Service } from '../../src/operations/service.ts';
import { service } from '../services/database.ts';
import { captureLog } from '../support/captured-log.ts';
import { until } from '../support/until.ts';

const examples = join(import.meta.dirname, '../../examples');
const environment = { HOLDFAST_MODE: 'development', HOLDFAST_PORT: '0', HOLDFAST_MANAGEMENT_PORT: '0' };
const forPeople = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const anId = expect.stringMatching(/^[\da-f-]{36}$/);

type Json = Record<string, unknown>;
type Request = [method: string, path: string, body?: Json];

async function ask(url: string, [method, path, body]: Request): Promise<{ status: number; json: Json }> {
  const response = await fetch(`${url}${path}`, { method, ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) });
  return { status: response.status, json: (await response.json()) as Json };
}

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  readonly managementUrl: string;
}

/** An example's main on free ports, which its log names. */
async function start(main: string, more: Record<string, string> = {}): Promise<Running> {
  const child = spawn(process.execPath, [join(examples, main)], { env: { ...environment, ...more }, stdio: ['ignore', 'ignore', 'pipe'] });
  const ports = new Map<string, number>();
  for await (const line of createInterface({ input: child.stderr })) {
    const { msg, port } = (line.startsWith('{') ? JSON.parse(line) : {}) as { msg?: string; port?: number };
    if (port !== undefined) ports.set(String(msg), port);
    if (msg === 'service started') break;
  }
  child.stderr.resume();
  return { child, url: `http://127.0.0.1:${ports.get('http server listens')}`, managementUrl: `http://127.0.0.1:${ports.get('management port listens')}` };
}

async function redisCheck(url: string): Promise<unknown> {
  return ((await ask(url, ['GET', '/core/health/'])).json['checks'] as Json)['redis'];
}

async function untilChecked(url: string, status: string): Promise<void> {
  for (let tries = 0; ((await redisCheck(url)) as Json)['status'] !== status && tries < 300; tries += 1) await sleep(100);
}

/** One request of each area, the rule that refuses it, and what it is answered when the area cannot do its work. */
const areas: [area: string, request: Request, refusal: [status: number, code: string, data: Json], failure: string][] = [
  ['contract', ['POST', '/api/contracts/C-7/amendments'], [409, 'CONTRACT_EXPIRED', { contract: 'C-7', end: '2023-12-31' }], 'CONTRACT_ERROR'],
  ['finance', ['POST', '/api/bills/B-2/payments', { amount: 5 }], [409, 'BILL_SETTLED', { bill: 'B-2' }], 'FINANCE_ERROR'],
  ['notification', ['POST', '/api/notifications', { recipient: 'Corner Books', text: 'Hello' }], [422, 'RECIPIENT_UNREACHABLE', { recipient: 'Corner Books', channel: 'mail' }], 'NOTIFICATION_ERROR'],
  ['operation', ['PUT', '/api/tasks/T-2/assignee', { assignee: 'Wang' }], [409, 'TASK_ASSIGNED', { task: 'T-2', assignee: 'Li Na' }], 'OPERATION_ERROR'],
  ['store', ['DELETE', '/api/shops/SH-1'], [409, 'SHOP_HAS_CONTRACTS', { shop: 'SH-1', count: 2 }], 'STORE_ERROR'],
  ['report', ['GET', '/api/reports/income?year=2001'], [422, 'REPORT_DATA_MISSING', { period: 2001 }], 'REPORT_ERROR'],
];

describe('the host service of the examples, as its main starts it,', () => {
  let running: Running;
  beforeAll(async () => {
    running = await start('host-service/main.ts');
  });
  afterAll(() => { running.child.kill('SIGKILL'); });
  const url = (): string => running.url;
  const managementUrl = (): string => running.managementUrl;

  it.each(areas)('answers what a rule of the area %s refuses', async (_area, request, [code, errorCode, data]) => {
    const { status, json } = await ask(url(), request);
    expect([status, json]).toEqual([code, { success: false, error_id: anId, error_code: errorCode, message: expect.any(String), data, category: 'business_logic' }]);
  });

  it('answers what its rules allow', async () => {
    expect((await ask(url(), ['GET', '/api/reports/income?year=2026'])).json).toEqual({ billed: 208_000, settled: 88_000 });
    expect((await ask(url(), ['PUT', '/api/tasks/T-1/assignee', { assignee: 'Wang' }])).json).toEqual({ task: 'T-1', assignee: 'Wang' });
    expect(await ask(url(), ['POST', '/api/bills/B-1/payments', { amount: '5' }])).toMatchObject({ status: 422, json: { error_code: 'REQUEST_INVALID', data: { fields: [{ field: 'amount' }] } } });
  });

  it('shows a page, and errors of pages as pages in the language of the reader', async () => {
    const page = await fetch(`${url()}/contracts/C-8`, { headers: forPeople });
    expect([page.status, page.headers.get('content-security-policy'), await page.text()]).toEqual([200, expect.stringMatching(/default-src 'none'/), expect.stringContaining('Corner Books')]);
    const missing = await fetch(`${url()}/contracts/C-99`, { headers: { ...forPeople, 'accept-language': 'zh-CN' } });
    expect([missing.status, missing.headers.get('content-type'), await missing.text()]).toEqual([404, 'text/html; charset=utf-8', expect.stringContaining('合同 C-99 不存在')]);
  });

  it('lists its own errors and those of the layer', async () => {
    const listed = (await (await fetch(`${url()}/errors`)).json()) as { areas: { area: string; errors: { code: string }[] }[] };
    const codes = listed.areas.flatMap(({ errors }) => errors.map(({ code }) => code));
    expect(codes).toEqual(expect.arrayContaining(['CONTRACT_EXPIRED', 'FINANCE_ERROR', 'TASK_ASSIGNED', 'SHOP_CLOSED', 'REPORT_ERROR', 'NOTIFICATION_ERROR', 'RATE_LIMITED', 'ROUTE_NOT_FOUND']));
  });

  it('tells its health, its routes and its metrics', async () => {
    const { status, json } = await ask(url(), ['GET', '/core/health/']);
    expect([status, json]).toMatchObject([200, { checks: { database: { status: 'ok', response_time_ms: expect.any(Number) }, disk_space: { percent_used: expect.any(Number) }, active_connections: expect.any(Number) } }]);
    const metrics = await (await fetch(`${managementUrl()}/metrics`)).text();
    expect(metrics).toContain('http_request_duration_seconds_count{method="POST",route="/api/contracts/:contract/amendments",status="409"} 1');
    expect(metrics).toContain('holdfast_errors_total{error_code="CONTRACT_EXPIRED"} 1');
    expect(await (await fetch(`${managementUrl()}/routes`)).json()).toContainEqual({ method: 'GET', path: '/contracts/:contract' });
  });

  it('refuses what a page of another site sends', async () => {
    const response = await fetch(`${url()}/api/shops/SH-2`, { method: 'DELETE', headers: { origin: 'https://evil.example' } });
    expect([response.status, ((await response.json()) as Json)['error_code']]).toEqual([403, 'CSRF_ORIGIN_REFUSED']);
  });

  it('ends with 0 on SIGTERM', async () => {
    running.child.kill('SIGTERM');
    expect(await once(running.child, 'exit')).toEqual([0, null]);
  });
});

describe('a service in ten lines', () => {
  it('is what the README shows, and has the whole treatment', async () => {
    const code = readFileSync(join(examples, 'ten-lines.ts'), 'utf8');
    expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(10);
    expect(readFileSync(join(examples, '../src/operations/README.md'), 'utf8')).toContain(code);
    const { child, url, managementUrl } = await start('ten-lines.ts');
    expect(await ask(url, ['GET', '/contracts/C-1'])).toMatchObject({ status: 404, json: { error_code: 'CONTRACT_NOT_FOUND', data: { contract: 'C-1' } } });
    expect(await ask(url, ['GET', '/core/health/'])).toMatchObject({ json: { checks: { event_loop: {} } } });
    expect([(await fetch(`${managementUrl}/readyz`)).status, (await fetch(`${managementUrl}/metrics`)).status]).toEqual([200, 200]);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

describe('a service on Redis by one variable', () => {
  it('watches it', async () => {
    const { child, url } = await start('ten-lines.ts', { HOLDFAST_REDIS: service('TEST_REDIS_URL') });
    await untilChecked(url, 'ok');
    expect(await redisCheck(url)).toEqual({ status: 'ok', response_time_ms: expect.any(Number) });
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('goes on without it', async () => {
    const { child, url } = await start('ten-lines.ts', { HOLDFAST_REDIS: 'redis://127.0.0.1:1/0' });
    expect((await fetch(`${url}/contracts/C-1`)).headers.get('ratelimit')).toMatch(/^"requests";r=\d+/);
    await untilChecked(url, 'error');
    expect([(await fetch(`${url}/core/health/`)).status, await redisCheck(url)]).toMatchObject([200, { error_code: 'REDIS_UNREACHABLE' }]);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

describe('a service in production', () => {
  it('does not start while it would not be safe', () => {
    expect(() => createService({ name: 'leasing', version: '1.0.0', environment: {}, routes: () => undefined })).toThrow(/E003.*E004/s);
  });
});

describe('the host service whose database fails', () => {
  let books: Books;
  let host: Service;
  const { log, lines } = captureLog();
  beforeAll(async () => {
    books = openBooks();
    host = createService({ name: 'leasing', version: '1.0.0', environment, log, errorFamilies, ...leasing(books) });
    for (const part of host.parts) await part.start?.(AbortSignal.timeout(10_000));
    host.lifecycle.phase = 'running';
    books.close();
  });
  afterAll(async () => {
    for (const part of host.parts.toReversed()) if (part.name !== 'books') await part.stop?.(AbortSignal.timeout(5_000));
  });

  it.each(areas)('answers the error of the area %s, logs one line with the stack, and shows nothing of the inside', async (_area, request, _refusal, code) => {
    const { status, json } = await ask(`http://127.0.0.1:${host.server.port()}`, request);
    expect([status, json]).toEqual([500, { success: false, error_id: anId, error_code: code, message: expect.not.stringContaining('database'), data: {}, category: 'business_logic' }]);
    const logged = lines().filter(({ error_id: id }) => id === json['error_id']);
    expect(logged).toMatchObject([{ level: 'error', error_code: code, err: { stack: expect.stringContaining('database is not open') } }]);
  });

  it('is unhealthy', async () => {
    await until(() => lines().some(({ msg, check }) => check === 'database' && msg !== undefined));
    const { status, json } = await ask(`http://127.0.0.1:${host.server.port()}`, ['GET', '/core/health/']);
    expect([status, json]).toMatchObject([503, { status: 'unhealthy', checks: { database: { status: 'error' } } }]);
  });
});
