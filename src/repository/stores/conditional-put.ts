import { HoldfastError } from '../../operations/errors.ts';
import { type Store, storeErrors, type StoreOptions } from './store.ts';

/**
 * Writes an object that must not be there yet. Where the store cannot hold the condition it looks first: two writers in the
 * same moment could then both succeed, which is why the names of what is written so hold random characters. Where the store
 * keeps other bytes than it got (STORE_LOST_WRITE) it takes them away again, if it may.
 */
export async function putOnce(
  { store, conditionalPut }: { readonly store: Store; readonly conditionalPut: boolean },
  key: string,
  content: Uint8Array,
  options: StoreOptions,
): Promise<void> {
  if (!conditionalPut && (await store.stat(key, options))) throw storeErrors.STORE_OBJECT_EXISTS({ store: store.url, key });
  try {
    await store.putIfAbsent(key, content, options);
  } catch (error) {
    // What lies there is ours, and not what was meant: left there, a damaged head would hide a good copy and block prune.
    if (error instanceof HoldfastError && error.code === 'STORE_LOST_WRITE') await removeIfPermitted(store, key, options);
    throw error;
  }
}

/** Who only backs up may have no permission to delete; the failure that led here is the one to tell of. */
async function removeIfPermitted(store: Store, key: string, options: StoreOptions): Promise<void> {
  try {
    await store.delete(key, options);
  } catch {
    options.signal.throwIfAborted();
  }
}
