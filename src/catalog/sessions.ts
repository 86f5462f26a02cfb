import type { SessionRecord, SessionStore, Waiting } from '../operations/sessions/session-store.ts';
import type { Catalog } from './catalog.ts';
import { SessionRow } from './entities.ts';
import { jsonOf, timeOf } from './raw-rows.ts';

/** Sessions in the catalogue, for a service without Redis. Expired ones are not given; `deleteExpiredSessions` deletes them. */
export function createCatalogSessionStore({ catalog, now }: { readonly catalog: Catalog; readonly now: () => Date }): SessionStore {
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

/** Deletes the sessions that are over. */
export async function deleteExpiredSessions({ catalog, now }: { readonly catalog: Catalog; readonly now: () => Date }, waiting: Waiting): Promise<void> {
  await catalog.run(async (em) => em.nativeDelete(SessionRow, { expiresAt: { $lte: now() } }), waiting);
}
