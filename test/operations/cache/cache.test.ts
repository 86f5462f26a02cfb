import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createCache } from '../../../src/operations/cache/cache.ts';
import type { CacheStore } from '../../../src/operations/cache/cache-store.ts';
import { createMemoryCacheStore } from '../../../src/operations/cache/memory-cache-store.ts';
import { createRedisCacheStore } from '../../../src/operations/cache/redis-cache-store.ts';
import { defineErrorFamily } from '../../../src/operations/errors.ts';
import { connectRedis } from '../../../src/operations/redis/connect-redis.ts';
import { createFallback } from '../../../src/operations/redis/with-fallback.ts';
import { service } from '../../services/database.ts';
import { captureLog } from '../../support/captured-log.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';
import { until } from '../../support/until.ts';

const errors = defineErrorFamily({
  CUP_MISSING: { category: 'not_found', status: 404, retryable: false, message: { en: 'No cup', zh: '没有杯子' }, hint: { en: 'Buy one.', zh: '请购买。' } },
});
const signal = new AbortController().signal;

interface Opened {
  readonly store: CacheStore;
  close(): Promise<void>;
}

async function openRedisStore(): Promise<Opened> {
  const { log } = captureLog();
  const redis = connectRedis({ url: service('TEST_REDIS_URL'), log });
  await until(redis.isUp);
  const store = createRedisCacheStore({ redis, withFallback: createFallback({ redis, log }), prefix: `test:${randomBytes(6).toString('hex')}:` });
  return { store, close: async () => redis.close() };
}

const implementations = [
  { name: 'memory', open: async (): Promise<Opened> => ({ store: createMemoryCacheStore(), close: async () => {} }) },
  { name: 'Redis', open: openRedisStore },
];

describe.each(implementations)('a cache ($name)', ({ open }) => {
  let opened: Opened;
  let captured: ReturnType<typeof captureLog>;
  let clockMs: number;
  beforeEach(async () => {
    opened = await open();
    captured = captureLog();
    clockMs = 0;
  });
  afterEach(async () => opened.close());

  const create = (loadTimeoutMs?: number) => createCache({
    store: opened.store, log: captured.log, now: () => new Date(Date.now() + clockMs), ...(loadTimeoutMs !== undefined && { loadTimeoutMs }),
  });
  const fresh = { ttlSeconds: 10, signal };

  it('loads once, gives the same again, and loads anew when it is no longer fresh', async () => {
    const cache = create();
    let loads = 0;
    const load = async () => ({ number: (loads += 1), text: '城市' });
    expect(await cache.cached('a', fresh, load)).toEqual({ number: 1, text: '城市' });
    expect(await cache.cached('a', fresh, load)).toEqual({ number: 1, text: '城市' });
    expect(await cache.cached('b', fresh, load)).toEqual({ number: 2, text: '城市' });
    clockMs = 10_001;
    expect(await cache.cached('a', fresh, load)).toEqual({ number: 3, text: '城市' });
  });

  it('loads once however many ask at the same time', async () => {
    const cache = create();
    let loads = 0;
    const load = async () => {
      await sleep(30);
      return (loads += 1);
    };
    expect(await Promise.all(Array.from({ length: 100 }, async () => cache.cached('a', fresh, load)))).toEqual(Array(100).fill(1));
  });

  it('gives the old value while loading fails, trying once a second, and not for ever', async () => {
    const cache = create();
    const lasting = { ttlSeconds: 10, staleSeconds: 20, signal };
    await cache.cached('a', lasting, async () => 'old');
    clockMs = 11_000;
    let tries = 0;
    const fail = async (): Promise<string> => {
      tries += 1;
      throw new Error('down');
    };
    expect(await cache.cached('a', lasting, fail)).toBe('old');
    expect(await cache.cached('a', lasting, fail)).toBe('old');
    expect(tries).toBe(1);
    expect(captured.lines()).toMatchObject([{ level: 'warn', key: 'a', err: { message: 'down' } }]);
    await sleep(1050);
    expect(await cache.cached('a', lasting, async () => 'new')).toBe('new');
    clockMs += 31_000;
    await expect(cache.cached('a', lasting, fail)).rejects.toThrow('down');
  });

  it('passes on that a thing does not exist, and keeps no failure', async () => {
    const cache = create();
    const lasting = { ttlSeconds: 0, staleSeconds: 20, signal };
    await cache.cached('a', lasting, async () => 'old');
    await expect(cache.cached('a', lasting, async () => { throw errors.CUP_MISSING({}); })).rejects.toMatchObject({ code: 'CUP_MISSING' });
    await expect(cache.cached('b', fresh, async () => { throw new Error('down'); })).rejects.toThrow('down');
    expect(await cache.cached('b', fresh, async () => 'value')).toBe('value');
  });

  it('forgets what is invalidated, even while it is being loaded', async () => {
    const cache = create();
    await cache.cached('a', fresh, async () => 1);
    await cache.invalidate('a');
    expect(await cache.cached('a', fresh, async () => 2)).toBe(2);
    await cache.invalidate('a');
    const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
    const slow = cache.cached('a', fresh, async () => {
      await mayEnd;
      return 'from before';
    });
    await sleep(20);
    await cache.invalidate('a');
    end();
    expect(await slow).toBe('from before');
    expect(await cache.cached('a', fresh, async () => 'from after')).toBe('from after');
  });

  it('gives up a load that takes too long, and lets a caller leave without ending the load of others', async () => {
    const cache = create(50);
    await expect(cache.cached('a', fresh, async (limit) => sleep(10_000, 'late', { signal: limit }))).rejects.toMatchObject({ name: expect.stringMatching(/TimeoutError|AbortError/) });
    const patient = create();
    const leaving = new AbortController();
    const ask = async (asking: AbortSignal) => patient.cached('b', { ...fresh, signal: asking }, async () => sleep(60, 'value'));
    const [left, stayed] = [ask(leaving.signal), ask(signal)];
    leaving.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    expect(await stayed).toBe('value');
  });
});

it('a cache in Redis fails open: while Redis is away values are loaded each time', async () => {
  const url = new URL(service('TEST_REDIS_URL'));
  const { log } = captureLog();
  const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
  const redis = connectRedis({ url: `redis://127.0.0.1:${proxy.port}`, log, hysteresisMs: 50, reconnectMs: { first: 2, most: 20 } });
  try {
    await until(redis.isUp);
    const cache = createCache({ store: createRedisCacheStore({ redis, withFallback: createFallback({ redis, log }), prefix: `test:${randomBytes(6).toString('hex')}:` }), log });
    let loads = 0;
    const ask = async () => cache.cached('a', { ttlSeconds: 60, signal }, async () => (loads += 1));
    expect([await ask(), await ask()]).toEqual([1, 1]);
    proxy.refuse(true);
    proxy.cut();
    await until(() => !redis.isUp());
    expect([await ask(), await ask()]).toEqual([2, 3]);
    await cache.invalidate('a');
    proxy.refuse(false);
    await until(redis.isUp);
    expect(await ask()).toBe(1);
  } finally {
    await redis.close();
    await proxy.close();
  }
});
