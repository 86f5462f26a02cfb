import { z } from 'zod';
import { roles } from '../http/service.ts';
import type { RedisConnection } from '../redis/connect-redis.ts';
import type { SessionRecord, SessionStore } from './session-store.ts';

const SessionRecord = z.object({ userId: z.string(), name: z.string(), role: z.enum(roles), createdAt: z.number(), expiresAt: z.number() });

/** KEYS: the session, its user's list. ARGV: id, record, seconds to live, now, the record's end (both milliseconds). */
const putScript = `
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[4])
redis.call('ZADD', KEYS[2], ARGV[5], ARGV[1])
redis.call('PEXPIREAT', KEYS[2], ARGV[5])`;

/** One step, so that a sign-in at the same moment is either before it, and ended, or after it. KEYS: the user's list. ARGV: the prefix of sessions. */
const deleteOfScript = `
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do redis.call('DEL', ARGV[1] .. id) end
redis.call('DEL', KEYS[1])`;

/** Sessions that all replicas share. Beside each session a user's list of them is kept, sorted by when they end at the latest. */
export function createRedisSessionStore({ redis, prefix = 'holdfast:', now = () => new Date() }: {
  readonly redis: RedisConnection;
  readonly prefix?: string;
  readonly now?: () => Date;
}): SessionStore {
  const sessions = `${prefix}session:`;
  const listOf = (userId: string): string => `${prefix}sessions-of:${userId}`;
  return {
    get: async (id, { signal }) => {
      signal.throwIfAborted();
      const [text, remainingMs] = await redis.run(async (client) => Promise.all([client.get(sessions + id), client.pttl(sessions + id)]));
      return text === null || remainingMs <= 0 ? undefined : { record: SessionRecord.parse(JSON.parse(text)), remainingSeconds: remainingMs / 1000 };
    },
    put: async (id, record, ttlSeconds, { signal }) => {
      signal.throwIfAborted();
      const values = [id, JSON.stringify(record), Math.ceil(ttlSeconds * 1000), now().getTime(), record.expiresAt];
      await redis.run(async (client) => client.eval(putScript, 2, sessions + id, listOf(record.userId), ...values));
    },
    touch: async (id, ttlSeconds, { signal }) => {
      signal.throwIfAborted();
      await redis.run(async (client) => client.pexpire(sessions + id, Math.ceil(ttlSeconds * 1000)));
    },
    delete: async (id, { signal }) => {
      signal.throwIfAborted();
      await redis.run(async (client) => client.del(sessions + id));
    },
    deleteOf: async (userId, { signal }) => {
      signal.throwIfAborted();
      await redis.run(async (client) => client.eval(deleteOfScript, 1, listOf(userId), sessions));
    },
  };
}
