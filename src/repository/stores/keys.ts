import { storeErrors } from './store.ts';

/**
 * Folder of a store's own short-lived objects: unfinished writes, probes, claims. Its name begins with a dot, which no
 * key may, so that no caller reaches it and no listing shows it.
 */
export const ownFolder = '.holdfast';

/** What lies in `ownFolder` longer than this belongs to a run that was killed. */
export const leftoverAgeMs = 24 * 60 * 60 * 1000;

const segment = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;
const longestKey = 900;

/** Whether a name may be one `/`-separated segment of a key. `.`, `..`, hidden names and `lost+found` may not. */
export function isSegment(name: string): boolean {
  return segment.test(name);
}

/** Whether a store may hold an object of this key. */
export function isKey(key: string): boolean {
  return key.length <= longestKey && key.split('/').every(isSegment);
}

/** Throws STORE_REFUSED for a key that could name something outside of the store or among its own objects. */
export function checkKey(key: string, { store, operation }: { readonly store: string; readonly operation: string }): void {
  if (!isKey(key)) throw storeErrors.STORE_REFUSED({ store, operation, key: JSON.stringify(key), reason: 'not a valid key' });
}

/** Like `checkKey` for the prefix of a listing: empty, or a key and a final `/`. */
export function checkPrefix(prefix: string, { store }: { readonly store: string }): void {
  if (prefix !== '' && !(prefix.endsWith('/') && isKey(prefix.slice(0, -1)))) {
    throw storeErrors.STORE_REFUSED({ store, operation: 'list', key: JSON.stringify(prefix), reason: 'not a valid prefix' });
  }
}
