import { forEachConcurrently } from '../concurrency.ts';
import { type PartEncodingName, partEncodings } from '../manifest/manifest.ts';
import { folders } from '../manifest/object-keys.ts';
import type { Store, StoredObject } from '../stores/store.ts';

/** Above so many parts the 256 folders are listed side by side: a listing goes page by page, a thousand objects each. */
const manyParts = 20_000;
const foldersAtOnce = 8;
const partObject = /^parts\/[0-9a-f]{2}\/([0-9a-f]{64})\.([a-z.]+)$/;

/** A part's object in the store. */
export interface PartObject extends StoredObject {
  readonly name: string;
  readonly encoding: PartEncodingName;
}

/** What a key means as that of a part; undefined for an object that is none. */
export function parsePartKey(key: string): Pick<PartObject, 'name' | 'encoding'> | undefined {
  const [, name, suffix] = partObject.exec(key) ?? [];
  const encoding = partEncodings.find((known) => known === suffix);
  return name !== undefined && encoding && key.startsWith(`${folders.parts}${name.slice(0, 2)}/`) ? { name, encoding } : undefined;
}

/**
 * Calls `visit` for every part in the store; other objects are passed over. `expected`: about how many there are. Only a
 * part that a backup lists is relied on, and that one was made durable before the backup was.
 */
export async function visitStoredParts(
  store: Store,
  { expected, signal }: { readonly expected: number; readonly signal: AbortSignal },
  visit: (part: PartObject) => void,
): Promise<void> {
  const prefixes = expected < manyParts ? [folders.parts] : Array.from({ length: 256 }, (_, index) => `${folders.parts}${index.toString(16).padStart(2, '0')}/`);
  await forEachConcurrently(prefixes, { limit: foldersAtOnce, signal }, async (prefix) => {
    for await (const object of store.list(prefix, { signal, relied: false })) {
      const part = parsePartKey(object.key);
      if (part) visit({ ...object, ...part });
    }
  });
}
