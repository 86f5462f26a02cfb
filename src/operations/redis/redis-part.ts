import type { Check } from '../health/check.ts';
import { probeCheck } from '../health/probe-check.ts';
import type { ServicePart } from '../lifecycle/lifecycle.ts';
import type { RedisConnection } from './connect-redis.ts';

/** Without Redis limits and caches go on in the process, and only signed-in people notice. */
export function redisCheck(redis: RedisConnection): Check {
  return probeCheck({ name: 'redis', critical: false, probe: async (signal) => redis.check(signal) });
}

export function redisPart(redis: RedisConnection): ServicePart {
  return { name: 'Redis', stop: async () => redis.close() };
}
