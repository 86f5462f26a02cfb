/** Where cached texts are kept. A store may forget anything at any time; one that cannot be reached knows nothing and keeps nothing, without a throw. */
export interface CacheStore {
  get(key: string): Promise<string | undefined>;
  put(key: string, text: string, ttlSeconds: number): Promise<void>;
  delete(key: string): Promise<void>;
}
