import type { Logger } from '../logging.ts';
import type { RedisConnection } from '../redis/connect-redis.ts';
import { createFallback } from '../redis/with-fallback.ts';
import { createMemoryRateLimitStore } from './memory-rate-limit-store.ts';
import { rateLimitStoreWithFallback } from './rate-limit.ts';
import type { RateLimitStore } from './rate-limit-store.ts';
import { createRedisRateLimitStore } from './redis-rate-limit-store.ts';

/** Counts in Redis for all replicas; without it, and while it is away, each counts for itself. */
export function sharedRateLimits({ redis, log }: { readonly redis: RedisConnection | undefined; readonly log: Logger }): RateLimitStore {
  const own = createMemoryRateLimitStore();
  if (redis === undefined) return own;
  return rateLimitStoreWithFallback({ store: createRedisRateLimitStore({ redis }), fallback: own, withFallback: createFallback({ redis, log }) });
}
