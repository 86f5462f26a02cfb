import { randomBytes } from 'node:crypto';
import { connectRedis } from '../../../src/operations/redis/connect-redis.ts';
import { createMemorySessionStore } from '../../../src/operations/sessions/memory-session-store.ts';
import { createRedisSessionStore } from '../../../src/operations/sessions/redis-session-store.ts';
import type { SessionStore } from '../../../src/operations/sessions/session-store.ts';
import { createCatalogSessionStore } from '../../../src/catalog/sessions.ts';
import { catalogPlaces, waiting } from '../../catalog/catalogs.ts';
import { service } from '../../services/database.ts';
import { captureLog } from '../../support/captured-log.ts';
import { until } from '../../support/until.ts';

export interface OpenedStore {
  readonly store: SessionStore;
  close(): Promise<void>;
}

/** Each implementation that this folder's suites run on, opened empty. */
export const sessionStores: readonly { readonly name: string; readonly open: () => Promise<OpenedStore> }[] = [
  { name: 'memory', open: async () => ({ store: createMemorySessionStore(), close: async () => {} }) },
  {
    name: 'Redis',
    open: async () => {
      const redis = connectRedis({ url: service('TEST_REDIS_URL'), log: captureLog().log });
      await until(redis.isUp);
      return { store: createRedisSessionStore({ redis, prefix: `test:${randomBytes(6).toString('hex')}:` }), close: async () => redis.close() };
    },
  },
  ...catalogPlaces.map(({ name, make }) => ({
    name: `catalogue on ${name}`,
    open: async () => {
      const place = await make();
      const catalog = await place.open();
      await catalog.migrate(waiting);
      return { store: createCatalogSessionStore({ catalog, now: () => new Date() }), close: async () => place.remove() };
    },
  })),
];
