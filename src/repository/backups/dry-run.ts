import type { Logger } from '../../operations/logging.ts';
import { createPartEncoding } from '../encoding/part-encoding.ts';
import { defaultGraceMs } from '../prune/grace.ts';
import { findKnownParts } from '../parts/known-parts.ts';
import type { PartSink } from '../parts/parts.ts';
import type { Repository } from '../repository.ts';

/** A backup that stores nothing, and tells what it would have added. */
export interface DryRun {
  readonly sink: PartSink;
  /** Raw bytes read, and those of distinct parts that the repository does not hold. */
  totals(): { readonly raw: number; readonly newRaw: number; readonly parts: number; readonly newParts: number };
}

/** Learns which parts the repository holds, as a backup does. Needs no recipients. Throws the store's errors. */
export async function startDryRun({ repository, log, signal }: { readonly repository: Repository; readonly log: Logger; readonly signal: AbortSignal }): Promise<DryRun> {
  const now = await repository.store.now({ signal });
  const known = await findKnownParts({ repository, log, signal }, { graceMs: defaultGraceMs, now });
  const encoding = createPartEncoding({ compression: 'none', encryption: repository.encryption });
  const seen = new Set<string>();
  const totals = { raw: 0, newRaw: 0, parts: 0, newParts: 0 };
  return {
    sink: {
      write: async (raw) => {
        const name = encoding.name(raw);
        const isNew = !seen.has(name) && known.get(name) === undefined;
        totals.raw += raw.length;
        totals.parts += seen.has(name) ? 0 : 1;
        totals.newRaw += isNew ? raw.length : 0;
        totals.newParts += isNew ? 1 : 0;
        seen.add(name);
        return { name, raw: raw.length };
      },
    },
    totals: () => ({ ...totals }),
  };
}
