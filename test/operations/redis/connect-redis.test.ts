import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connectRedis, type RedisConnection, type RedisSettings } from '../../../src/operations/redis/connect-redis.ts';
import { createFallback } from '../../../src/operations/redis/with-fallback.ts';
import { service } from '../../services/database.ts';
import { startRedis } from '../../services/redis.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { captureLog } from '../../support/captured-log.ts';
import { until } from '../../support/until.ts';

const shared = new URL(service('TEST_REDIS_URL'));
const open: RedisConnection[] = [];
let proxy: TcpProxy;
let captured: ReturnType<typeof captureLog>;
let folder: string;

beforeEach(async () => {
  captured = captureLog();
  folder = await mkdtemp(join(tmpdir(), 'holdfast-redis-'));
  proxy = await startTcpProxy({ host: shared.hostname, port: Number(shared.port) });
});

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (redis) => redis.close()));
  await proxy.close();
  await rm(folder, { recursive: true, force: true });
});

function connect(settings: Partial<RedisSettings> = {}): RedisConnection {
  const redis = connectRedis({
    url: `redis://127.0.0.1:${proxy.port}`, log: captured.log, hysteresisMs: 100, reconnectMs: { first: 2, most: 20 }, ...settings,
  });
  open.push(redis);
  return redis;
}

const ping = async (redis: RedisConnection) => redis.run(async (client) => client.ping());
const messages = () => captured.lines().map((line) => line['msg']);
const signal = new AbortController().signal;

describe('connectRedis', () => {
  it('runs commands and answers the health check', async () => {
    const redis = connect();
    await until(redis.isUp);
    await expect(ping(redis)).resolves.toBe('PONG');
    await expect(redis.check(signal)).resolves.toBeUndefined();
  });

  it('starts without its Redis, fails commands at once, and finds it when it comes', async () => {
    proxy.refuse(true);
    const redis = connect();
    await until(() => messages().length === 1);
    const begin = performance.now();
    await expect(ping(redis)).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE', status: 503, retryable: true });
    await expect(redis.check(signal)).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
    expect(performance.now() - begin).toBeLessThan(100);
    proxy.refuse(false);
    await until(redis.isUp);
    await expect(ping(redis)).resolves.toBe('PONG');
    expect(messages()).toEqual(['Redis is away', 'Redis answers']);
  });

  it('says once that it is away and once that it is back, and nothing of a blip', async () => {
    const redis = connect();
    await until(redis.isUp);
    proxy.cut();
    await sleep(200);
    expect(redis.isUp()).toBe(true);
    proxy.refuse(true);
    proxy.cut();
    await until(() => !redis.isUp());
    await sleep(200);
    proxy.refuse(false);
    await until(redis.isUp);
    expect(messages()).toEqual(['Redis answers', 'Redis is away', 'Redis answers']);
  });

  it('gives up a Redis that hangs after the time limit, then fails at once, and comes back when it goes on', async () => {
    const server = await startRedis(join(folder, 'redis'));
    try {
      const redis = connect({ url: server.environment['TEST_REDIS_URL'] ?? '', commandTimeoutMs: 100 });
      await until(redis.isUp);
      const pid = await redis.run(async (client) => /process_id:(\d+)/.exec(await client.info('server'))?.[1]);
      process.kill(Number(pid), 'SIGSTOP');
      const begin = performance.now();
      await expect(ping(redis)).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
      expect(performance.now() - begin).toBeLessThan(250);
      await until(() => !redis.isUp());
      const later = performance.now();
      await expect(ping(redis)).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
      expect(performance.now() - later).toBeLessThan(150);
      process.kill(Number(pid), 'SIGCONT');
      await until(redis.isUp);
      await expect(ping(redis)).resolves.toBe('PONG');
    } finally {
      await server.stop();
    }
  });

  it('survives the end of its server and works with the next one at that address', async () => {
    const server = await startRedis(join(folder, 'redis'));
    try {
      proxy.retarget({ host: '127.0.0.1', port: Number(new URL(server.environment['TEST_REDIS_URL'] ?? '').port) });
      const redis = connect();
      await until(redis.isUp);
      await server.stop();
      await until(() => !redis.isUp());
      await expect(ping(redis)).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
      proxy.retarget({ host: shared.hostname, port: Number(shared.port) });
      await until(redis.isUp);
      await expect(ping(redis)).resolves.toBe('PONG');
    } finally {
      await server.stop();
    }
  });

  it('tells an error that Redis answers from one that it does not', async () => {
    const redis = connect();
    await until(redis.isUp);
    const key = `test:${randomBytes(6).toString('hex')}`;
    await redis.run(async (client) => client.set(key, 'text', 'EX', 10));
    await expect(redis.run(async (client) => client.lpush(key, 'item'))).rejects.toMatchObject({ code: 'REDIS_REFUSED', cause: { message: /WRONGTYPE/ } });
  });

  it('shows no password when it is refused', async () => {
    const redis = connect({ url: `redis://someone@127.0.0.1:${proxy.port}`, password: 'hunter2-very-secret' });
    await until(() => messages().includes('Redis is away'));
    const error = await ping(redis).catch((failure: unknown) => failure);
    captured.log.error({ err: error }, 'failed');
    expect(captured.text()).toContain('WRONGPASS');
    expect(captured.text()).not.toContain('hunter2');
  });

  it('leaks neither connections nor timers over 1,000 flaps', async () => {
    const redis = connect({ reconnectMs: { first: 1, most: 2 }, hysteresisMs: 5000 });
    await until(redis.isUp);
    const before = process.getActiveResourcesInfo().length;
    let answered = 0;
    for (let flap = 0; flap < 1000; flap += 1) {
      proxy.cut();
      for (let attempt = 0; attempt < 500; attempt += 1) {
        if (await ping(redis).then(() => true, async () => sleep(1, false))) {
          answered += 1;
          break;
        }
      }
    }
    await sleep(200);
    expect(answered).toBe(1000);
    expect(proxy.connections()).toBe(1);
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before + 3);
    expect(redis.isUp()).toBe(true);
    expect(messages()).toEqual(['Redis answers']);
  });

  it('closes in any state, and more than once', async () => {
    const up = connect();
    await until(up.isUp);
    proxy.refuse(true);
    const away = connect();
    await until(() => messages().includes('Redis is away'));
    await Promise.all([up.close(), away.close()]);
    await Promise.all([up.close(), away.close()]);
    await until(() => proxy.connections() === 0);
    await expect(ping(up)).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
  });
});

describe('createFallback', () => {
  it('does the other thing while Redis is away, without waiting for it each time', async () => {
    proxy.refuse(true);
    const redis = connect();
    await until(() => messages().includes('Redis is away'));
    const withFallback = createFallback({ redis, log: captured.log });
    let attempts = 0;
    const results = [];
    for (let call = 0; call < 20; call += 1) {
      results.push(await withFallback(async () => { attempts += 1; return ping(redis); }, () => 'other'));
    }
    expect(results).toEqual(Array(20).fill('other'));
    expect(attempts).toBe(1);
  });

  it('does the other thing when Redis refuses, and says so once', async () => {
    const redis = connect();
    await until(redis.isUp);
    const withFallback = createFallback({ redis, log: captured.log });
    const refused = async () => redis.run(async (client) => client.call('NO-SUCH-COMMAND'));
    await expect(withFallback(refused, () => 'other')).resolves.toBe('other');
    await expect(withFallback(refused, () => 'other')).resolves.toBe('other');
    expect(messages()).toEqual(['Redis answers', 'Redis refuses']);
  });

  it('passes on what is not Redis’s', async () => {
    const redis = connect();
    const withFallback = createFallback({ redis, log: captured.log });
    await expect(withFallback(async () => { throw new Error('mistake'); }, () => 'other')).rejects.toThrow('mistake');
  });
});
