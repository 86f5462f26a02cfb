import type { CacheStore } from './cache-store.ts';

/** In this process, `maxBytes` of keys and texts at most (counted as two bytes a character): what was used longest ago goes first. */
export function createMemoryCacheStore({ now = () => new Date(), maxBytes = 16 * 1024 * 1024 }: {
  readonly now?: () => Date;
  readonly maxBytes?: number;
} = {}): CacheStore {
  // A Map keeps the order of insertion; what is used is inserted anew.
  const entries = new Map<string, { readonly text: string; readonly until: number }>();
  let bytes = 0;
  const remove = (key: string): void => {
    const entry = entries.get(key);
    if (entry !== undefined && entries.delete(key)) bytes -= sizeOf(key, entry.text);
  };
  return {
    get: async (key) => {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (entry.until <= now().getTime()) {
        remove(key);
        return undefined;
      }
      entries.delete(key);
      entries.set(key, entry);
      return entry.text;
    },
    put: async (key, text, ttlSeconds) => {
      remove(key);
      entries.set(key, { text, until: now().getTime() + ttlSeconds * 1000 });
      bytes += sizeOf(key, text);
      for (const oldest of entries.keys()) {
        if (bytes <= maxBytes) break;
        remove(oldest);
      }
    },
    delete: async (key) => { remove(key); },
  };
}

function sizeOf(key: string, text: string): number {
  return 2 * (key.length + text.length);
}
