import { HoldfastError } from '../../operations/errors.ts';
import { openParts } from '../parts/open-parts.ts';
import type { PartSlice } from '../manifest/manifest.ts';
import type { PartSource } from '../parts/parts.ts';
import type { Repository } from '../repository.ts';
import { describeDamage } from './check-manifest.ts';
import type { Finding } from './finding.ts';

/** Parts read at once, and their raw bytes; one larger part is read alone. Each takes about three times that while it is decoded. */
const partsAtOnce = 4;
const bytesAtOnce = 16 * 1024 * 1024;

export type PartDamage = Pick<Finding, 'problem' | 'reason'>;

/** Reads whole parts side by side within bounded memory, and tells of each, in their order, whether it is damaged. */
export async function readParts(
  repository: Repository,
  slices: AsyncIterable<PartSlice>,
  { signal, onPart }: { readonly signal: AbortSignal; readonly onPart: (slice: PartSlice, damage: PartDamage | undefined) => Promise<void> },
): Promise<void> {
  const parts = openParts(repository, { signal });
  const window: { readonly slice: PartSlice; readonly damage: Promise<PartDamage | undefined> }[] = [];
  let bytes = 0;
  const finishFirst = async () => {
    const first = window.shift();
    if (!first) return;
    await onPart(first.slice, await first.damage);
    bytes -= first.slice.raw;
  };
  for await (const slice of slices) {
    while (window.length > 0 && (window.length >= partsAtOnce || bytes + slice.raw > bytesAtOnce)) await finishFirst();
    const damage = findDamage(parts, slice);
    damage.catch(() => undefined); // Thrown when its turn comes; one before it may end all before that.
    window.push({ slice, damage });
    bytes += slice.raw;
  }
  while (window.length > 0) await finishFirst();
}

/** Reads a part, and again where it seems damaged: memory or network may have been at fault. */
async function findDamage(parts: PartSource, slice: PartSlice): Promise<PartDamage | undefined> {
  try {
    await parts.read(slice);
    return undefined;
  } catch (error) {
    describePartDamage(error);
  }
  try {
    await parts.read(slice);
    return undefined;
  } catch (error) {
    return describePartDamage(error);
  }
}

/** Bodies were decrypted with the same identities: a part that they do not open is damaged, not of other recipients. */
function describePartDamage(error: unknown): PartDamage {
  if (error instanceof HoldfastError && error.code === 'DECRYPTION_REFUSED') return { problem: 'damaged', reason: 'its header names none of the recipients' };
  return describeDamage(error);
}
