import { HoldfastError } from '../errors.ts';
import type { Logger } from '../logging.ts';
import type { RedisConnection } from './connect-redis.ts';
import { redisErrors } from './redis-errors.ts';

const quietMs = 60_000;

/**
 * What is done in Redis when it can be, and otherwise some other way: `attempt` and, when Redis is away or refuses,
 * `fallback`. Other errors pass. That Redis refuses (the connection does not know) is logged once a minute.
 */
export type WithFallback = <Result>(attempt: () => Promise<Result>, fallback: () => Result | Promise<Result>) => Promise<Result>;

export function createFallback({ redis, log }: { readonly redis: RedisConnection; readonly log: Logger }): WithFallback {
  let quietUntil = 0;
  return async (attempt, fallback) => {
    if (!redis.admits()) return fallback();
    try {
      return await attempt();
    } catch (error) {
      const code = error instanceof HoldfastError ? error.code : undefined;
      if (code === undefined || !(code in redisErrors)) throw error;
      if (code === 'REDIS_REFUSED' && performance.now() >= quietUntil) {
        quietUntil = performance.now() + quietMs;
        log.warn({ err: error }, 'Redis refuses');
      }
      return fallback();
    }
  };
}
