import type { RedisConnection } from '../redis/connect-redis.ts';
import type { AttemptStore } from './attempt-store.ts';

/**
 * `begin` and `waitAfter` of attempt-store.ts in one step, by Redis's own clock. KEYS: the key. ARGV: free, longest wait and
 * time to forget in seconds. Gives milliseconds to wait.
 */
const beginScript = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local nextAt = tonumber(redis.call('HGET', KEYS[1], 'nextAt') or 0)
if nextAt > now then return nextAt - now end
local paid = redis.call('HINCRBY', KEYS[1], 'count', 1) - tonumber(ARGV[1])
local wait = paid <= 0 and 0 or math.min(tonumber(ARGV[2]), 2 ^ (paid - 1))
redis.call('HSET', KEYS[1], 'nextAt', string.format('%.0f', now + wait * 1000))
redis.call('PEXPIRE', KEYS[1], math.ceil(tonumber(ARGV[3]) * 1000))
return 0`;

const undoScript = `
if redis.call('EXISTS', KEYS[1]) == 0 then return end
if redis.call('HINCRBY', KEYS[1], 'count', -1) < 0 then redis.call('HSET', KEYS[1], 'count', 0) end
redis.call('HSET', KEYS[1], 'nextAt', 0)`;

/** Attempts that all replicas count together. Throws REDIS_UNREACHABLE or REDIS_REFUSED. */
export function createRedisAttemptStore({ redis, prefix = 'holdfast:' }: { readonly redis: RedisConnection; readonly prefix?: string }): AttemptStore {
  const attempts = `${prefix}attempts:`;
  return {
    begin: async (key, { free, maxWaitSeconds, forgetSeconds }) => {
      const waitMs = await redis.run(async (client) => client.eval(beginScript, 1, attempts + key, free, maxWaitSeconds, forgetSeconds));
      return Number(waitMs) / 1000;
    },
    undo: async (key) => { await redis.run(async (client) => client.eval(undoScript, 1, attempts + key)); },
    reset: async (key) => { await redis.run(async (client) => client.del(attempts + key)); },
  };
}
