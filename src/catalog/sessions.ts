import type { SessionRecord, SessionStore } from '../operations/sessions/session-store.ts';
import type { Catalog } from './catalog.ts';
import { SessionRow } from './entities.ts';
import { jsonOf, timeOf } from './raw-rows.ts';

/** So often at most are expired sessions deleted, when somebody signs in. */
const sweepMs = 60_000;

/** Sessions in the catalogue, for a service without Redis. */
export function createCatalogSessionStore({ catalog, now }: { readonly catalog: Catalog; readonly now: () => Date }): SessionStore {
  let sweptAt = 0;
  const after = (seconds: number): Date => new Date(now().getTime() + seconds * 1000);

  return {
    get: async (id, waiting) => {
      const [row] = await catalog.run(async (em) => em.execute<{ record: unknown; expires_at: unknown }[]>(
        'select record, expires_at from session where id = ? and expires_at > ?', [id, now()],
      ), waiting);
      if (row === undefined) return undefined;
      return { record: jsonOf(row.record) as SessionRecord, remainingSeconds: (timeOf(row.expires_at).getTime() - now().getTime()) / 1000 };
    },
    put: async (id, record: SessionRecord, ttlSeconds, waiting) => {
      await catalog.run(async (em) => em.upsert(SessionRow, { id, userId: record.userId, record, expiresAt: after(ttlSeconds) }), waiting);
      if (now().getTime() - sweptAt < sweepMs) return;
      sweptAt = now().getTime();
      await catalog.run(async (em) => em.nativeDelete(SessionRow, { expiresAt: { $lte: now() } }), waiting);
    },
    touch: async (id, ttlSeconds, waiting) => {
      await catalog.run(async (em) => em.nativeUpdate(SessionRow, { id, expiresAt: { $gt: now() } }, { expiresAt: after(ttlSeconds) }), waiting);
    },
    delete: async (id, waiting) => {
      await catalog.run(async (em) => em.nativeDelete(SessionRow, { id }), waiting);
    },
    deleteOf: async (userId, waiting) => {
      await catalog.run(async (em) => em.nativeDelete(SessionRow, { userId }), waiting);
    },
  };
}
