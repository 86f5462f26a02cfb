import { type Store, storeErrors, type StoredObject } from '../../src/repository/stores/store.ts';

interface Content {
  readonly bytes: Buffer;
  readonly modifiedAt: Date;
}

/** A store in memory whose clock the test sets: for ages, and for many orders of events. Real stores have suites of their own. */
export interface MemoryStore extends Store {
  readonly objects: Map<string, Content>;
  clock: Date;
}

export function createMemoryStore(clock = new Date('2026-03-01T00:00:00Z')): MemoryStore {
  const objects = new Map<string, Content>();
  const url = 'memory:///';
  const write = (key: string, content: Uint8Array) => objects.set(key, { bytes: Buffer.from(content), modifiedAt: store.clock });
  const describe = (key: string, { bytes, modifiedAt }: Content): StoredObject => ({ key, size: bytes.length, modifiedAt });
  const store: MemoryStore = {
    url,
    objects,
    clock,
    async get(key) {
      const content = objects.get(key);
      if (!content) throw storeErrors.STORE_OBJECT_MISSING({ store: url, key });
      return content.bytes;
    },
    async put(key, content) {
      write(key, content);
    },
    async putIfAbsent(key, content) {
      if (objects.has(key)) throw storeErrors.STORE_OBJECT_EXISTS({ store: url, key });
      write(key, content);
    },
    async stat(key) {
      const content = objects.get(key);
      return content && describe(key, content);
    },
    async *list(prefix) {
      for (const [key, content] of new Map(objects)) if (key.startsWith(prefix)) yield describe(key, content);
    },
    async delete(key) {
      objects.delete(key);
    },
    flush: async () => undefined,
    prepare: async () => undefined,
    detectConditionalPut: async () => true,
    now: async () => store.clock,
    close: async () => undefined,
  };
  return store;
}
