import { createHash } from 'node:crypto';
import { HoldfastError } from '../../operations/errors.ts';
import { encodingErrors } from '../encoding/encoding-errors.ts';
import { compress, decompress } from '../encoding/zstd.ts';
import { type ManifestHead, type PartEncodingName, partEncodings } from './manifest.ts';
import { type BackupName, referencesKey } from './object-keys.ts';
import type { StoredPart } from '../parts/part-writer.ts';
import type { Store } from '../stores/store.ts';

/**
 * The references of a backup: which parts its manifest lists. Plain, unlike the body, because runs that only write and
 * prune hold no identity and yet have to know it (docs/adr/0001). One line a part, sorted:
 * `<64 hex>.<encoding> <bytes of its object>`.
 */
const compressionLevel = 3;
const largestReferences = 1024 ** 3;
const nameDigits = 64;
const partName = /^[0-9a-f]{64}\./;
const lineFeed = 10;

/** The object of a backup's references, from every part that it lists. */
export async function encodeReferences(parts: ReadonlyMap<string, StoredPart>): Promise<Buffer> {
  const lines: string[] = [];
  for (const [name, { encoding, stored }] of parts) lines.push(`${name}.${encoding} ${stored}\n`);
  return compress(Buffer.from(lines.toSorted().join(''), 'latin1'), compressionLevel);
}

/**
 * Calls `visit` for each part that a backup lists. Throws STORE_OBJECT_MISSING or OBJECT_CORRUPT, which name the object,
 * where the references are not those that the head promises; then `visit` was not called.
 */
export async function visitReferences(
  store: Pick<Store, 'get'>,
  head: ManifestHead,
  signal: AbortSignal,
  visit: (name: string, encoding: PartEncodingName, stored: number) => void,
): Promise<void> {
  const text = await readReferences(store, head, head.references, signal);
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf(lineFeed, start);
    const line = text.toString('latin1', start, end === -1 ? text.length : end);
    const space = line.indexOf(' ', nameDigits);
    const encoding = partEncodings.find((known) => known === line.slice(nameDigits + 1, space));
    const stored = Number(line.slice(space + 1));
    if (end === -1 || !partName.test(line) || !encoding || !Number.isSafeInteger(stored)) {
      throw encodingErrors.OBJECT_CORRUPT({ object: referencesKey(head), reason: 'a line of it is not understood' });
    }
    visit(line.slice(0, nameDigits), encoding, stored);
    start = end + 1;
  }
}

/** Whether reading references failed because they are damaged or missing, and not because the store cannot be asked. */
export function isDamage(error: unknown): error is HoldfastError {
  return error instanceof HoldfastError && (error.category === 'integrity' || error.code === 'STORE_OBJECT_MISSING');
}

async function readReferences(store: Pick<Store, 'get'>, name: BackupName, promised: ManifestHead['references'], signal: AbortSignal): Promise<Buffer> {
  const object = referencesKey(name);
  const stored = await store.get(object, { signal });
  if (stored.length !== promised.size || createHash('sha256').update(stored).digest('hex') !== promised.sha256) {
    throw encodingErrors.OBJECT_CORRUPT({ object, reason: 'its size or checksum is not the one that the backup states' });
  }
  return decompress(stored, { object, maxRaw: largestReferences });
}
