import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServiceMiddleware } from '../../../src/operations/http/service.ts';
import { connectRedis } from '../../../src/operations/redis/connect-redis.ts';
import { createRedisSessionStore } from '../../../src/operations/sessions/redis-session-store.ts';
import { createSessions, type Sessions } from '../../../src/operations/sessions/sessions.ts';
import { service } from '../../services/database.ts';
import { captureLog } from '../../support/captured-log.ts';
import { type RunningKoa, startKoa } from '../../support/koa-server.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';
import { until } from '../../support/until.ts';
import { type OpenedStore, sessionStores } from './session-stores.ts';

const cookie = { name: 'session', attributes: { httpOnly: true, sameSite: 'lax', path: '/' } } as const;

/** `POST /in?<id>` signs that user in, `POST /out` out, anything else tells who asks. */
function routes(sessions: Sessions): ServiceMiddleware {
  return async (ctx) => {
    if (ctx.path === '/in') await sessions.signIn(ctx, { id: ctx.querystring, name: 'Ann', role: 'admin' });
    if (ctx.path === '/out') await sessions.signOut(ctx);
    ctx.body = { principal: ctx.state.principal ?? null };
  };
}

interface Answer {
  readonly status: number;
  readonly principal: unknown;
  readonly setCookie: readonly string[];
  /** The session cookie's new value. */
  readonly value: string;
}

async function ask(app: RunningKoa, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const answer = await fetch(app.url + path, { method: path === '/' ? 'GET' : 'POST', headers });
  const body = (await answer.json()) as { principal?: unknown };
  const setCookie = answer.headers.getSetCookie();
  return { status: answer.status, principal: body.principal, setCookie, value: /^session=([^;]*)/.exec(setCookie[0] ?? '')?.[1] ?? '' };
}

const withCookie = (value: string) => ({ cookie: `session=${value}` });

describe.each(sessionStores)('sessions ($name)', ({ open }) => {
  let opened: OpenedStore;
  let app: RunningKoa;
  let sessions: Sessions;
  let clockMs: number;
  beforeEach(async () => {
    clockMs = 0;
    opened = await open();
    sessions = createSessions({ store: opened.store, cookie, now: () => new Date(Date.now() + clockMs) });
    app = await startKoa(sessions.middleware, routes(sessions));
  });
  afterEach(async () => {
    await app.close();
    await opened.close();
  });

  it('remember who signed in, under a random cookie with the attributes that were given', async () => {
    const [first, second] = [await ask(app, '/in?7'), await ask(app, '/in?7')];
    expect(first.setCookie).toEqual([expect.stringMatching(/^session=[\w-]{43}; path=\/; samesite=lax; httponly$/)]);
    expect(second.value).not.toBe(first.value);
    expect(await ask(app, '/', withCookie(first.value))).toMatchObject({
      status: 200, principal: { id: '7', name: 'Ann', role: 'admin', via: 'session' }, setCookie: [],
    });
  });

  it('take a request without a cookie for anonymous', async () => {
    expect(await ask(app, '/')).toMatchObject({ status: 200, principal: null, setCookie: [] });
  });

  it.each(['', 'x', '../../etc/passwd', 'a'.repeat(43), 'a'.repeat(5000), '%00', '"quoted"'])('take nobody in by the cookie %.20j', async (value) => {
    expect(await ask(app, '/', withCookie(value))).toMatchObject({ status: 200, principal: null });
  });

  it('do not keep what the cookie holds: the id in the store opens nothing', async () => {
    const { value } = await ask(app, '/in?7');
    await expect(opened.store.get(value, { signal: new AbortController().signal })).resolves.toBeUndefined();
  });

  it('change the id at sign-in and end the old session, so that a planted cookie is worth nothing', async () => {
    const planted = 'p'.repeat(43);
    const first = await ask(app, '/in?7', withCookie(planted));
    expect(first.value).not.toBe(planted);
    expect(first.setCookie).toHaveLength(1);
    expect(await ask(app, '/', withCookie(planted))).toMatchObject({ principal: null });
    const second = await ask(app, '/in?8', withCookie(first.value));
    expect(await ask(app, '/', withCookie(first.value))).toMatchObject({ principal: null });
    expect(await ask(app, '/', withCookie(second.value))).toMatchObject({ principal: { id: '8' } });
  });

  it('end at sign-out, and the cookie goes', async () => {
    const { value } = await ask(app, '/in?7');
    const out = await ask(app, '/out', withCookie(value));
    expect(out).toMatchObject({ principal: null, setCookie: [expect.stringMatching(/^session=; path=\/; expires=Thu, 01 Jan 1970/)] });
    expect(await ask(app, '/', withCookie(value))).toMatchObject({ principal: null, setCookie: [expect.stringContaining('session=;')] });
  });

  it('end everywhere for one user', async () => {
    const [here, there, other] = [await ask(app, '/in?7'), await ask(app, '/in?7'), await ask(app, '/in?8')];
    await sessions.signOutEverywhere('7', { signal: new AbortController().signal });
    expect(await ask(app, '/', withCookie(here.value))).toMatchObject({ principal: null });
    expect(await ask(app, '/', withCookie(there.value))).toMatchObject({ principal: null });
    expect(await ask(app, '/', withCookie(other.value))).toMatchObject({ principal: { id: '8' } });
  });

  it('end 12 hours after sign-in', async () => {
    const { value } = await ask(app, '/in?7');
    clockMs = 12 * 3600_000 - 60_000;
    expect(await ask(app, '/', withCookie(value))).toMatchObject({ principal: { id: '7' } });
    clockMs = 12 * 3600_000 + 1;
    expect(await ask(app, '/', withCookie(value))).toMatchObject({ principal: null });
  });

  it('stand by the token alone in a request that shows one', async () => {
    const { value } = await ask(app, '/in?7');
    expect(await ask(app, '/', { ...withCookie(value), authorization: 'Bearer something' })).toMatchObject({ principal: null });
  });

  it('do not end while they are used, and end after idleness', async () => {
    const brief = createSessions({ store: opened.store, cookie, idleSeconds: 0.6 });
    const briefApp = await startKoa(brief.middleware, routes(brief));
    try {
      const { value } = await ask(briefApp, '/in?7');
      for (let use = 0; use < 5; use += 1) {
        await new Promise((resolve) => { setTimeout(resolve, 200); });
        expect(await ask(briefApp, '/', withCookie(value))).toMatchObject({ principal: { id: '7' } });
      }
      await new Promise((resolve) => { setTimeout(resolve, 700); });
      expect(await ask(briefApp, '/', withCookie(value))).toMatchObject({ principal: null });
    } finally {
      await briefApp.close();
    }
  });
});

describe('sessions in a Redis that is away', () => {
  it('answer 503 to who shows a cookie, let others through, and go on when it is back', async () => {
    const url = new URL(service('TEST_REDIS_URL'));
    const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
    const redis = connectRedis({ url: `redis://127.0.0.1:${proxy.port}`, log: captureLog().log, hysteresisMs: 50, reconnectMs: { first: 2, most: 20 } });
    await until(redis.isUp);
    const sessions = createSessions({ store: createRedisSessionStore({ redis, prefix: 'test:away:' }), cookie });
    const app = await startKoa(sessions.middleware, routes(sessions));
    try {
      const { value } = await ask(app, '/in?7');
      proxy.refuse(true);
      proxy.cut();
      await until(() => !redis.isUp());
      expect(await ask(app, '/', withCookie(value))).toMatchObject({ status: 503, setCookie: [] });
      expect(await ask(app, '/')).toMatchObject({ status: 200, principal: null });
      expect(await ask(app, '/in?7')).toMatchObject({ status: 503, setCookie: [] });
      proxy.refuse(false);
      await until(redis.isUp);
      expect(await ask(app, '/', withCookie(value))).toMatchObject({ status: 200, principal: { id: '7' } });
    } finally {
      await app.close();
      await redis.close();
      await proxy.close();
    }
  });
});
