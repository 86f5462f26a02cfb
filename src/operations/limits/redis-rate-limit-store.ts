import type { RedisConnection } from '../redis/connect-redis.ts';
import { resultOf } from './cell-rate.ts';
import type { RateLimitStore } from './rate-limit-store.ts';

/**
 * `takeCell` of cell-rate.ts in one step, by Redis's own clock. KEYS: the caller. ARGV: limit, window in milliseconds.
 * Gives whether it is allowed, and microseconds until all of the limit is there again.
 */
const takeScript = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local window = tonumber(ARGV[2]) * 1000
local allAt = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local next = allAt + window / tonumber(ARGV[1])
if next - now > window then return {0, allAt - now} end
redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX', math.ceil((next - now) / 1000))
return {1, next - now}`;

/** Limits that all replicas count together. Throws REDIS_UNREACHABLE or REDIS_REFUSED. */
export function createRedisRateLimitStore({ redis, prefix = 'holdfast:' }: { readonly redis: RedisConnection; readonly prefix?: string }): RateLimitStore {
  return {
    take: async (key, limit) => {
      const [allowed, untilAll] = (await redis.run(async (client) =>
        client.eval(takeScript, 1, `${prefix}rate:${key}`, limit.limit, limit.windowSeconds * 1000))) as [number, number];
      return resultOf(allowed === 1, untilAll / 1000, limit);
    },
  };
}
