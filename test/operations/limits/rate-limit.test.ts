import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServiceMiddleware } from '../../../src/operations/http/service.ts';
import { createMemoryRateLimitStore } from '../../../src/operations/limits/memory-rate-limit-store.ts';
import { rateLimit, rateLimitStoreWithFallback } from '../../../src/operations/limits/rate-limit.ts';
import { createRedisAttemptStore } from '../../../src/operations/limits/redis-attempt-store.ts';
import { createRedisRateLimitStore } from '../../../src/operations/limits/redis-rate-limit-store.ts';
import { createSignInLimiter } from '../../../src/operations/limits/sign-in-limiter.ts';
import { connectRedis, type RedisConnection } from '../../../src/operations/redis/connect-redis.ts';
import { createFallback } from '../../../src/operations/redis/with-fallback.ts';
import { service } from '../../services/database.ts';
import { captureLog } from '../../support/captured-log.ts';
import { type RunningKoa, startKoa } from '../../support/koa-server.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { until } from '../../support/until.ts';
import { limitStores, type OpenedStores } from './limit-stores.ts';

const apps: RunningKoa[] = [];
afterEach(async () => { await Promise.all(apps.splice(0).map(async (app) => app.close())); });

async function start(...middleware: ServiceMiddleware[]): Promise<RunningKoa> {
  const app = await startKoa(...middleware);
  apps.push(app);
  return app;
}

const ok: ServiceMiddleware = async (ctx) => { ctx.body = { ok: true }; };
/** Stands for sign-in: who is named by a header makes the request. */
const named: ServiceMiddleware = async (ctx, next) => {
  const id = ctx.get('x-test-user');
  if (id !== '') ctx.state.principal = { id, name: id, role: 'viewer', via: 'token' };
  return next();
};

describe.each(limitStores)('rateLimit ($name)', ({ open }) => {
  let opened: OpenedStores;
  beforeEach(async () => { opened = await open(); });
  afterEach(async () => opened.close());

  it('tells what is left in the fields of the draft, and refuses with 429 and Retry-After', async () => {
    const app = await start(rateLimit({ name: 'api', limit: 2, windowSeconds: 60, store: opened.limits }), ok);
    const first = await fetch(app.url);
    expect(first.status).toBe(200);
    expect(first.headers.get('ratelimit-policy')).toBe('"api";q=2;w=60');
    expect(first.headers.get('ratelimit')).toBe('"api";r=1;t=30');
    expect(first.headers.get('retry-after')).toBeNull();
    await fetch(app.url);
    const third = await fetch(app.url);
    expect(third.status).toBe(429);
    await expect(third.json()).resolves.toEqual({ error_code: 'RATE_LIMITED' });
    expect(third.headers.get('ratelimit')).toBe('"api";r=0;t=30');
    expect(third.headers.get('retry-after')).toBe('30');
  });

  it('counts by who asks when that is known, else by where from', async () => {
    const app = await start(named, rateLimit({ name: 'api', limit: 1, windowSeconds: 60, store: opened.limits }), ok);
    const statusAs = async (user: string) => (await fetch(app.url, { headers: user === '' ? {} : { 'x-test-user': user } })).status;
    expect([await statusAs('ann'), await statusAs('ben'), await statusAs(''), await statusAs('ann'), await statusAs('')]).toEqual([200, 200, 200, 429, 429]);
  });

  it('names several limits side by side, and leaves alone what has no key', async () => {
    const app = await start(
      rateLimit({ name: 'burst', limit: 10, windowSeconds: 1, store: opened.limits }),
      rateLimit({ name: 'daily', limit: 1000, windowSeconds: 86_400, store: opened.limits }),
      rateLimit({ name: 'none', limit: 1, windowSeconds: 60, store: opened.limits, keyOf: () => undefined }),
      ok,
    );
    const answer = await fetch(app.url);
    expect(answer.headers.get('ratelimit-policy')).toBe('"burst";q=10;w=1, "daily";q=1000;w=86400');
    expect(answer.headers.get('ratelimit')).toMatch(/^"burst";r=9;t=1, "daily";r=999;t=\d+$/);
  });
});

describe.each(limitStores)('createSignInLimiter ($name)', ({ open }) => {
  let opened: OpenedStores;
  beforeEach(async () => { opened = await open(); });
  afterEach(async () => opened.close());

  it('slows down guesses at one account, however its name is written, but not at once another', async () => {
    const app = await start(signInRoute(createSignInLimiter({ store: opened.attempts })));
    const statuses = [];
    for (const name of ['ann', 'ANN', ' ann ', 'ａｎｎ', 'ann', 'Ann']) statuses.push((await attempt(app, name, 'wrong')).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 401]);
    const refused = await attempt(app, 'ann', 'right');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await attempt(app, 'ben', 'right')).status).toBe(200);
  });

  it('slows down one address that tries many accounts, and success with an own one buys nothing', async () => {
    const policies = { account: { free: 5, maxWaitSeconds: 60, forgetSeconds: 60 }, address: { free: 4, maxWaitSeconds: 60, forgetSeconds: 60 } };
    const app = await start(signInRoute(createSignInLimiter({ store: opened.attempts, policies })));
    const statuses = [];
    for (let each = 0; each < 5; each += 1) {
      statuses.push((await attempt(app, `user-${each}`, 'wrong')).status);
      statuses.push((await attempt(app, 'own', 'right')).status);
    }
    expect(statuses).toEqual([401, 200, 401, 200, 401, 200, 401, 200, 401, 429]);
  });

  it('counts only failures', async () => {
    const app = await start(signInRoute(createSignInLimiter({ store: opened.attempts })));
    for (let each = 0; each < 30; each += 1) expect((await attempt(app, 'ann', 'right')).status).toBe(200);
  });
});

describe('with a Redis that is away', () => {
  let proxy: TcpProxy;
  let redis: RedisConnection;
  let captured: ReturnType<typeof captureLog>;
  beforeEach(async () => {
    const url = new URL(service('TEST_REDIS_URL'));
    captured = captureLog();
    proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
    redis = connectRedis({ url: `redis://127.0.0.1:${proxy.port}`, log: captured.log, hysteresisMs: 50, reconnectMs: { first: 2, most: 20 } });
    await until(redis.isUp);
    proxy.refuse(true);
    proxy.cut();
  });
  afterEach(async () => {
    await redis.close();
    await proxy.close();
  });

  it('ordinary limits are counted in the process', async () => {
    const store = rateLimitStoreWithFallback({
      store: createRedisRateLimitStore({ redis, prefix: 'test:away:' }),
      fallback: createMemoryRateLimitStore(),
      withFallback: createFallback({ redis, log: captured.log }),
    });
    const app = await start(rateLimit({ name: 'api', limit: 2, windowSeconds: 60, store }), ok);
    expect([(await fetch(app.url)).status, (await fetch(app.url)).status, (await fetch(app.url)).status]).toEqual([200, 200, 429]);
    await until(() => !redis.isUp());
    expect((await fetch(app.url)).status).toBe(429);
    expect(captured.lines().map((line) => line['msg'])).toEqual(['Redis answers', 'Redis is away']);
  });

  it('nobody signs in: it fails closed, and opens when Redis is back', async () => {
    const app = await start(signInRoute(createSignInLimiter({ store: createRedisAttemptStore({ redis, prefix: 'test:away:' }) })));
    expect((await attempt(app, 'ann', 'right')).status).toBe(503);
    await until(() => !redis.isUp());
    proxy.refuse(false);
    await until(redis.isUp);
    expect((await attempt(app, 'ann', 'right')).status).toBe(200);
  });
});

/** `/<name>` with the password in a header; "right" is right. */
function signInRoute(limiter: ReturnType<typeof createSignInLimiter>): ServiceMiddleware {
  return async (ctx) => {
    const name = decodeURIComponent(ctx.path.slice(1));
    await limiter.begin(ctx, name);
    if (ctx.get('x-test-password') === 'right') await limiter.succeeded(ctx, name);
    ctx.status = ctx.get('x-test-password') === 'right' ? 200 : 401;
    ctx.body = {};
  };
}

async function attempt(app: RunningKoa, name: string, password: string): Promise<Response> {
  return fetch(`${app.url}/${encodeURIComponent(name)}`, { headers: { 'x-test-password': password } });
}
