import type { RedisConnection } from '../redis/connect-redis.ts';
import type { WithFallback } from '../redis/with-fallback.ts';
import type { CacheStore } from './cache-store.ts';

/** A cache that all replicas share. It fails open: while Redis is away it knows nothing and keeps nothing. */
export function createRedisCacheStore({ redis, withFallback, prefix = 'holdfast:' }: {
  readonly redis: RedisConnection;
  readonly withFallback: WithFallback;
  readonly prefix?: string;
}): CacheStore {
  const cache = `${prefix}cache:`;
  return {
    get: async (key) => withFallback(async () => (await redis.run(async (client) => client.get(cache + key))) ?? undefined, () => undefined),
    put: async (key, text, ttlSeconds) => {
      await withFallback(async () => { await redis.run(async (client) => client.set(cache + key, text, 'PX', Math.ceil(ttlSeconds * 1000))); }, () => {});
    },
    delete: async (key) => {
      await withFallback(async () => { await redis.run(async (client) => client.del(cache + key)); }, () => {});
    },
  };
}
