import { type Store, storeErrors, type StoreOptions } from './store.ts';

/**
 * Writes an object that must not be there yet. Where the store cannot hold the condition it looks first: two writers in the
 * same moment could then both succeed, which is why the names of what is written so hold random characters.
 */
export async function putOnce(
  { store, conditionalPut }: { readonly store: Store; readonly conditionalPut: boolean },
  key: string,
  content: Uint8Array,
  options: StoreOptions,
): Promise<void> {
  if (!conditionalPut && (await store.stat(key, options))) throw storeErrors.STORE_OBJECT_EXISTS({ store: store.url, key });
  await store.putIfAbsent(key, content, options);
}
