import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createDatabase, service } from '../services/database.ts';
import { startRedis } from '../services/redis.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';
import { type ServiceUnderTest, startService } from './service-under-test.ts';
import { signedIn, Visitor } from './visitor.ts';

/** Run in reverse after each test. */
const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

describe('a service whose PostgreSQL goes away', () => {
  it('says so after three failed checks, answers 503 at once meanwhile, and is back by itself', async () => {
    const { proxy, url } = await databaseBehindProxy();
    const under = await start({ HOLDFAST_CATALOG: url });
    const visitor = await signedIn(under, 'viewer');
    await seen(under, 'database', { livez: 200, readyz: 200, health: 200, check: 'ok' });

    const awayAt = performance.now();
    proxy.refuse(true);
    proxy.cut();
    let slowestMs = 0;
    const refused = async () => {
      const startedMs = performance.now();
      const { status, json, headers } = await visitor.get('/api/v1/me');
      slowestMs = Math.max(slowestMs, performance.now() - startedMs);
      expect([status, json?.['error_code'], headers.get('retry-after')]).toEqual([503, 'CATALOG_UNREACHABLE', '5']);
    };
    await seen(under, 'database', { livez: 200, readyz: 503, health: 503, check: 'error' }, refused);
    // Three failures are two intervals of at least 4.5 seconds: a blip changes nothing.
    expect(performance.now() - awayAt).toBeGreaterThan(8_000);
    expect(slowestMs).toBeLessThan(2_000);
    expect((await visitor.signIn(visitor.account.name)).status).toBe(503);
    expect((await new Visitor(under.url).get('/errors')).status).toBe(200);

    proxy.refuse(false);
    const backAt = performance.now();
    expect((await visitor.get('/api/v1/me')).status).toBe(200);
    await seen(under, 'database', { livez: 200, readyz: 200, health: 200, check: 'ok' });
    expect(performance.now() - backAt).toBeGreaterThan(4_000);
    expect(under.logged.filter((line) => line.includes('"msg":"check failed"'))).toHaveLength(1);
    expect(under.logged.filter((line) => line.includes('"msg":"check recovered"'))).toHaveLength(1);
  });

  it('answers in bounded time where the server takes connections and says nothing', async () => {
    const { proxy, url } = await databaseBehindProxy();
    const under = await start({ HOLDFAST_CATALOG: url });
    const visitor = await signedIn(under, 'viewer');
    const silent = createServer((socket) => { socket.on('error', () => {}).resume(); });
    await new Promise<void>((resolve) => { silent.listen(0, '127.0.0.1', resolve); });
    undo.push(async () => new Promise((resolve) => { silent.close(resolve); }), async () => proxy.close());
    proxy.retarget({ host: '127.0.0.1', port: (silent.address() as AddressInfo).port });
    proxy.cut();
    const startedMs = performance.now();
    const answers = await Promise.all(Array.from({ length: 20 }, async () => visitor.get('/api/v1/me')));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 503));
    expect(performance.now() - startedMs).toBeLessThan(15_000);
  });
});

describe('a service whose Redis goes away', () => {
  it('serves what needs no session, by limits of its own, signs nobody in, and is back by itself', async () => {
    const { stop, startAgain, url } = await redisBehindProxy();
    const under = await start({ HOLDFAST_REDIS: url, HOLDFAST_RATE_LIMIT: '240' });
    const visitor = await signedIn(under, 'viewer');
    const token = await tokenOf(visitor);
    await seen(under, 'redis', { livez: 200, readyz: 200, health: 200, check: 'ok' });

    await stop();
    await seen(under, 'redis', { livez: 200, readyz: 200, health: 200, check: 'error' }, async () => {
      expect((await new Visitor(under.url).get('/errors')).status).toBe(200);
      expect((await new Visitor(under.url).get('/api/v1/me', token)).status).toBe(200);
      expect((await visitor.get('/api/v1/me')).json).toMatchObject({ error_code: 'REDIS_UNREACHABLE' });
    });
    expect((await visitor.get('/core/health/')).status).toBe(503);
    expect((await new Visitor(under.url).get('/core/health/')).json).toMatchObject({ status: 'degraded' });
    const refused = await new Visitor(under.url).signIn(visitor.account.name);
    expect([refused.status, refused.json]).toMatchObject([503, { error_code: 'REDIS_UNREACHABLE' }]);
    const burst = await Promise.all(Array.from({ length: 400 }, async () => new Visitor(under.url).get('/api/v1/me', token)));
    expect(new Set(burst.map(({ status }) => status))).toEqual(new Set([200, 429]));

    await startAgain();
    await seen(under, 'redis', { livez: 200, readyz: 200, health: 200, check: 'ok' });
    expect((await new Visitor(under.url).signIn(visitor.account.name)).status).toBe(200);
  });
});

it('keeps no connection and no file open over 200 cuts of its PostgreSQL and Redis', async () => {
  const [database, redis] = [await databaseBehindProxy(), await redisBehindProxy()];
  // After the service has been closed.
  undo.push(async () => until(() => database.proxy.connections() + redis.proxy.connections() === 0));
  const under = await start({ HOLDFAST_CATALOG: database.url, HOLDFAST_REDIS: redis.url, HOLDFAST_RATE_LIMIT: '100000', HOLDFAST_CATALOG_CONNECTIONS: '4' });
  const visitor = await signedIn(under, 'viewer');
  const token = await tokenOf(visitor);
  const ask = async () => Promise.all([visitor.get('/api/v1/me'), ...Array.from({ length: 5 }, async () => new Visitor(under.url).get('/api/v1/me', token))]);
  const standsWell = { livez: 200, readyz: 200, health: 200, check: 'ok' };
  await seen(under, 'redis', standsWell, ask);
  const filesBefore = (await readdir('/proc/self/fd')).length;
  const statuses = new Map<number, number>();
  for (let flap = 0; flap < 200; flap += 1) {
    const asked = ask();
    await sleep(flap % 5);
    database.proxy.cut();
    redis.proxy.cut();
    for (const { status } of await asked) statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  expect([...statuses.keys()].toSorted((a, b) => a - b)).toEqual([200, 503]);
  await seen(under, 'redis', standsWell);
  expect((await ask()).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
  // The pool and the check's own.
  expect(database.proxy.connections()).toBeLessThanOrEqual(5);
  expect(redis.proxy.connections()).toBe(1);
  // Those of the requests' own connections come and go.
  expect((await readdir('/proc/self/fd')).length).toBeLessThanOrEqual(filesBefore + 20);
});

/** Only root may mount, and not in every container. */
const mayMount = process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0;

it('is degraded by a disk that is nearly full, and stays ready', async () => {
  if (!mayMount) {
    process.stdout.write('Nobody may mount here: a disk that is nearly full was not tested.\n');
    return;
  }
  const disk = await mkdtemp(join(tmpdir(), 'holdfast-disk-'));
  undo.push(async () => rm(disk, { recursive: true }));
  expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status).toBe(0);
  undo.push(async () => spawnSync('umount', [disk]));
  const filler = join(disk, 'filler');
  await writeFile(filler, Buffer.alloc(950_000));
  const under = await start({ HOLDFAST_DISK_PATH: disk });
  await seen(under, 'disk_space', { livez: 200, readyz: 200, health: 200, check: 'warning' });
  const { json } = await new Visitor(under.url).get('/core/health/');
  expect(json).toMatchObject({ status: 'degraded', checks: { disk_space: { percent_used: 91, error_code: 'DISK_SPACE_LOW' } } });
  await rm(filler);
  await seen(under, 'disk_space', { livez: 200, readyz: 200, health: 200, check: 'ok' });
});

async function start(environment: Record<string, string>): Promise<ServiceUnderTest> {
  const under = await startService({ catalog: 'sqlite', redis: false }, environment);
  undo.push(async () => under.close());
  return under;
}

async function databaseBehindProxy() {
  const database = await createDatabase(service('TEST_DATABASE_URL'));
  const url = new URL(database.url);
  const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
  undo.push(async () => database.drop(), async () => proxy.close());
  url.port = String(proxy.port);
  return { proxy, url: url.href };
}

async function redisBehindProxy() {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-redis-'));
  undo.push(async () => rm(folder, { recursive: true }));
  let daemon = await startRedis(join(folder, 'first'));
  const target = () => ({ host: '127.0.0.1', port: Number(new URL(daemon.environment['TEST_REDIS_URL'] ?? '').port) });
  const proxy = await startTcpProxy(target());
  undo.push(async () => daemon.stop(), async () => proxy.close());
  return {
    proxy,
    url: `redis://127.0.0.1:${proxy.port}`,
    stop: async () => daemon.stop(),
    startAgain: async () => {
      daemon = await startRedis(join(folder, 'second'));
      proxy.retarget(target());
    },
  };
}

async function tokenOf(visitor: Visitor): Promise<Record<string, string>> {
  const { json } = await visitor.change('POST', '/api/v1/tokens', { name: 'probe', scopes: ['profile:read'], expiresInDays: 1 });
  return { authorization: `Bearer ${String(json?.['secret'])}` };
}

interface Standing {
  readonly livez: number;
  readonly readyz: number;
  readonly health: number;
  readonly check: string;
}

/** Waits until the probes show this, `meanwhile` before each look; 40 seconds at most: three runs of a check take fifteen. */
async function seen(under: ServiceUnderTest, check: string, expected: Standing, meanwhile: () => Promise<unknown> = async () => undefined): Promise<void> {
  for (const deadline = Date.now() + 40_000; ; await sleep(250)) {
    await meanwhile();
    const [livez, readyz] = await Promise.all(['/livez', '/readyz'].map(async (path) => (await fetch(`${under.managementUrl}${path}`)).status));
    const health = await new Visitor(under.url).get('/core/health/');
    const checks = health.json?.['checks'] as Record<string, { readonly status: string }> | undefined;
    const found = { livez, readyz, health: health.status, check: checks?.[check]?.status };
    if (isDeepStrictEqual(found, expected)) return;
    if (Date.now() > deadline) throw new Error(`The probes still show ${JSON.stringify(found)}.`);
  }
}
