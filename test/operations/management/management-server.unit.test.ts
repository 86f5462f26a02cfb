import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Check } from '../../../src/operations/health/check.ts';
import { createHealth } from '../../../src/operations/health/health.ts';
import { createHeartbeat } from '../../../src/operations/health/heartbeat.ts';
import { createLifecycle } from '../../../src/operations/lifecycle/lifecycle.ts';
import { createLogger } from '../../../src/operations/logging.ts';
import { createManagementServer, type ManagementOptions, type ManagementServer } from '../../../src/operations/management/management-server.ts';
import { waitFor } from '../wait-for.ts';

const servers: ManagementServer[] = [];
const stops: (() => void)[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  for (const stop of stops.splice(0)) stop();
});

const check = (name: string, critical: boolean, isUp: () => boolean = () => true): Check => ({
  name,
  critical,
  intervalMs: 1_000,
  run: async () => {
    if (!isUp()) throw new Error('connection refused');
    return { response_time_ms: 1.5 };
  },
});

const metrics = async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', body: 'up 1\n' });

async function serve({ checks = [], ...options }: Partial<ManagementOptions> & { readonly checks?: readonly Check[] } = {}) {
  const lines: string[] = [];
  const log = createLogger({ level: 'info', name: 'test' }, { write: (line) => void lines.push(line) });
  const lifecycle = createLifecycle();
  lifecycle.phase = 'running';
  const health = createHealth({ checks, log });
  const server = createManagementServer({ host: '127.0.0.1', port: 0, health, lifecycle, metrics, log, ...options });
  servers.push(server);
  stops.push(() => health.stop());
  await server.start();
  health.start();
  await waitFor(() => health.report().checks.every(({ status }) => status !== 'pending'));
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`http://127.0.0.1:${server.port()}${path}`, init);
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  };
  return { ask, lifecycle, log, lines, server };
}

describe('probes', () => {
  it('answer 200 in a running service, GET and HEAD alike', async () => {
    const { ask } = await serve({ checks: [check('database', true)] });
    for (const path of ['/livez', '/readyz', '/startupz']) {
      expect(await ask(path)).toMatchObject({ status: 200, text: 'ok\n' });
      expect(await ask(path, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    }
  });

  it('go by the phase of the service: alive from the first, started from the end of its start, ready only while it runs', async () => {
    const { ask, lifecycle } = await serve();
    const statuses = async () => {
      const answers = [];
      for (const path of ['/livez', '/startupz', '/readyz']) answers.push((await ask(path)).status);
      return answers;
    };
    lifecycle.phase = 'starting';
    expect(await statuses()).toEqual([200, 503, 503]);
    lifecycle.phase = 'running';
    expect(await statuses()).toEqual([200, 200, 200]);
    lifecycle.phase = 'draining';
    expect(await statuses()).toEqual([200, 200, 503]);
    expect((await ask('/readyz')).text).toBe('[-]lifecycle draining\nreadyz failed\n');
  });

  it('name what is not ready, whatever is optional aside', async () => {
    const { ask } = await serve({ checks: [check('database', true, () => false), check('redis', false, () => false), check('disk', true)] });
    expect(await ask('/readyz')).toMatchObject({ status: 503, text: '[-]database error: CHECK_FAILED: The check database failed\nreadyz failed\n' });
    const verbose = await ask('/readyz?verbose');
    expect(verbose.text.split('\n')).toEqual([
      '[+]lifecycle running',
      '[-]database error: CHECK_FAILED: The check database failed',
      '[!]redis error: CHECK_FAILED: The check redis failed',
      '[+]disk ok response_time_ms=1.5',
      'readyz failed',
      '',
    ]);
  });

  it('leave out what is excluded, and say what no check is', async () => {
    const { ask } = await serve({ checks: [check('database', true, () => false)] });
    expect(await ask('/readyz?exclude=database')).toMatchObject({ status: 200, text: 'ok\n' });
    expect((await ask('/readyz?verbose&exclude=database&exclude=databse')).text).toContain('[ ]database excluded\n[?]databse is no check\nok\n');
  });

  it('answer for one check, critical or not', async () => {
    let isUp = true;
    const { ask } = await serve({ checks: [check('redis', false, () => isUp)] });
    expect(await ask('/readyz/redis')).toMatchObject({ status: 200, text: '[+]redis ok response_time_ms=1.5\n' });
    isUp = false;
    await waitFor(async () => (await ask('/readyz/redis')).status === 503);
    expect((await ask('/readyz/absent')).status).toBe(404);
  });

  it('tell a loop that hangs by its heartbeat', async () => {
    const heartbeat = createHeartbeat({ name: 'scheduler', limitMs: 1_000 });
    const { ask } = await serve({ heartbeats: [heartbeat] });
    heartbeat.beat();
    expect((await ask('/livez?verbose')).text).toMatch(/^\[\+\]event_loop ok: .*\n\[\+\]scheduler ok: .*\nok\n$/);
    await sleep(1_100);
    expect((await ask('/livez?verbose')).status).toBe(503);
    heartbeat.beat();
    expect((await ask('/livez')).status).toBe(200);
  });
});

describe('inspection', () => {
  const inspection = {
    configuration: () => ({ PORT: 8080, SESSION_SECRET: 'hunter2', CATALOG: 'postgres://holdfast:hunter2@db/catalog', TLS_KEY_FILE: '/etc/key' }),
    routes: () => [{ method: 'GET', path: '/users/:id' }],
    tasks: async () => [{ name: 'sweep', schedule: '0 2 * * *', nextRun: '2026-01-17T02:00:00.000Z' }],
    migrations: async () => ({ applied: ['0001'], pending: [] }),
  };

  it('shows what the composition gives, secrets masked', async () => {
    const { ask } = await serve({ inspection });
    const json = async (path: string) => JSON.parse((await ask(path)).text) as unknown;
    expect(await json('/configuration')).toEqual({
      PORT: 8080,
      SESSION_SECRET: '[hidden]',
      CATALOG: 'postgres://[hidden]@db/catalog',
      TLS_KEY_FILE: '/etc/key',
    });
    expect(await json('/routes')).toEqual(inspection.routes());
    expect(await json('/tasks')).toEqual(await inspection.tasks());
    expect(await json('/migrations')).toEqual(await inspection.migrations());
    expect(await json('/')).toMatchObject({ paths: expect.arrayContaining(['/livez', '/readyz', '/metrics', '/configuration', '/log-level']) });
    expect(await ask('/metrics')).toMatchObject({ status: 200, text: 'up 1\n' });
  });

  it('has no page for what is not given', async () => {
    const { ask } = await serve();
    for (const path of ['/configuration', '/tasks', '/absent', '/__proto__', '/livez/x', '//livez', '/readyz/../metrics%00']) {
      expect((await ask(path)).status).toBe(404);
    }
  });

  it('says nothing of the inside when a function fails, and logs it', async () => {
    const { ask, lines } = await serve({ inspection: { migrations: () => Promise.reject(new Error('password hunter2 refused')) } });
    const { status, text } = await ask('/migrations');
    expect(status).toBe(500);
    expect(JSON.parse(text)).toMatchObject({ success: false, error_code: 'MANAGEMENT_FAILED' });
    expect(text).not.toContain('hunter2');
    expect(lines.join('')).toContain('the management port could not answer');
  });

  it('answers 405 with Allow to a method that a page does not take', async () => {
    const { ask } = await serve();
    for (const [path, allow] of [['/readyz', 'HEAD, GET'], ['/log-level', 'HEAD, GET, PUT']] as const) {
      const { status, headers } = await ask(path, { method: 'POST', body: 'x' });
      expect({ path, status, allow: headers.get('allow') }).toEqual({ path, status: 405, allow });
    }
  });
});

describe('the log level', () => {
  const json = { 'Content-Type': 'application/json' };

  it('is shown and set', async () => {
    const { ask, log } = await serve();
    expect((await ask('/log-level')).text).toBe('{"level":"info"}\n');
    expect(await ask('/log-level', { method: 'PUT', headers: json, body: '{"level":"debug"}' })).toMatchObject({ status: 200, text: '{"level":"debug"}\n' });
    expect(log.level).toBe('debug');
    expect(log.child({}).isLevelEnabled('debug')).toBe(true);
  });

  it.each([
    ['a web page', { headers: { ...json, Origin: 'https://evil.example' }, body: '{"level":"debug"}' }, 403, 'MANAGEMENT_BROWSER_REFUSED'],
    ['a form', { headers: { 'Content-Type': 'text/plain' }, body: '{"level":"debug"}' }, 415, 'MANAGEMENT_TYPE_REFUSED'],
    ['no body', { headers: json }, 400, 'LOG_LEVEL_INVALID'],
    ['no JSON', { headers: json, body: '{' }, 400, 'LOG_LEVEL_INVALID'],
    ['an unknown level', { headers: json, body: '{"level":"loud"}' }, 400, 'LOG_LEVEL_INVALID'],
    ['more than a level', { headers: json, body: '{"level":"debug","x":1}' }, 400, 'LOG_LEVEL_INVALID'],
    ['a large body', { headers: json, body: JSON.stringify({ level: 'x'.repeat(5_000) }) }, 413, 'MANAGEMENT_BODY_TOO_LARGE'],
  ])('is not set by %s', async (_, init, status, code) => {
    const { ask, log } = await serve();
    const answer = await ask('/log-level', { method: 'PUT', ...init });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject({ error_code: code });
    expect(log.level).toBe('info');
  });
});

describe('the port', () => {
  it('that is taken is an error that names it', async () => {
    const { server } = await serve();
    await expect(serve({ port: server.port() })).rejects.toMatchObject({ code: 'LISTEN_REFUSED', message: expect.stringContaining('EADDRINUSE') });
  });

  it('answers many requests at once, each with its own answer', async () => {
    const { ask } = await serve({ checks: Array.from({ length: 20 }, (_, index) => check(`check_${index}`, true)) });
    const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => ask(`/readyz/check_${index % 20}`)));
    expect(answers.map(({ text }) => text.split(' ')[0])).toEqual(Array.from({ length: 200 }, (_, index) => `[+]check_${index % 20}`));
  });
});
