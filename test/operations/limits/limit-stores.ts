import { randomBytes } from 'node:crypto';
import type { AttemptStore } from '../../../src/operations/limits/attempt-store.ts';
import { createMemoryAttemptStore } from '../../../src/operations/limits/memory-attempt-store.ts';
import { createMemoryRateLimitStore } from '../../../src/operations/limits/memory-rate-limit-store.ts';
import type { RateLimitStore } from '../../../src/operations/limits/rate-limit-store.ts';
import { createRedisAttemptStore } from '../../../src/operations/limits/redis-attempt-store.ts';
import { createRedisRateLimitStore } from '../../../src/operations/limits/redis-rate-limit-store.ts';
import { connectRedis } from '../../../src/operations/redis/connect-redis.ts';
import { service } from '../../services/database.ts';
import { captureLog } from '../../support/captured-log.ts';
import { until } from '../../support/until.ts';

export interface OpenedStores {
  readonly limits: RateLimitStore;
  readonly attempts: AttemptStore;
  close(): Promise<void>;
}

/** Each implementation that this folder's suites run on, opened empty. */
export const limitStores: readonly { readonly name: string; readonly open: () => Promise<OpenedStores> }[] = [
  { name: 'memory', open: async () => ({ limits: createMemoryRateLimitStore(), attempts: createMemoryAttemptStore(), close: async () => {} }) },
  {
    name: 'Redis',
    open: async () => {
      const redis = connectRedis({ url: service('TEST_REDIS_URL'), log: captureLog().log });
      await until(redis.isUp);
      const prefix = `test:${randomBytes(6).toString('hex')}:`;
      return { limits: createRedisRateLimitStore({ redis, prefix }), attempts: createRedisAttemptStore({ redis, prefix }), close: async () => redis.close() };
    },
  },
];
