import type { SessionRecord, SessionStore } from './session-store.ts';

export interface MemorySessionStoreOptions {
  readonly now?: () => Date;
  /** With more sessions than this the one that was used longest ago ends. */
  readonly maxSessions?: number;
}

interface Entry {
  readonly record: SessionRecord;
  readonly until: number;
}

/** Sessions in this process: they end with it, and another replica does not know them. */
export function createMemorySessionStore({ now = () => new Date(), maxSessions = 10_000 }: MemorySessionStoreOptions = {}): SessionStore {
  // A Map keeps the order of insertion: what was put or touched last is last.
  const entries = new Map<string, Entry>();
  const live = (id: string): Entry | undefined => {
    const entry = entries.get(id);
    if (entry === undefined || entry.until > now().getTime()) return entry;
    entries.delete(id);
    return undefined;
  };
  const keep = (id: string, record: SessionRecord, ttlSeconds: number): void => {
    entries.delete(id);
    entries.set(id, { record, until: now().getTime() + ttlSeconds * 1000 });
  };
  return {
    get: async (id) => {
      const entry = live(id);
      return entry && { record: entry.record, remainingSeconds: (entry.until - now().getTime()) / 1000 };
    },
    put: async (id, record, ttlSeconds) => {
      keep(id, record, ttlSeconds);
      const [oldest] = entries.keys();
      if (entries.size > maxSessions && oldest !== undefined) entries.delete(oldest);
    },
    touch: async (id, ttlSeconds) => {
      const entry = live(id);
      if (entry !== undefined) keep(id, entry.record, ttlSeconds);
    },
    delete: async (id) => { entries.delete(id); },
    deleteOf: async (userId) => {
      for (const [id, { record }] of entries) if (record.userId === userId) entries.delete(id);
    },
  };
}
