import { HoldfastError } from '../../operations/errors.ts';
import type { Logger } from '../../operations/logging.ts';
import type { Repository } from '../repository.ts';
import { isSameSecond } from '../stores/object-times.ts';
import type { Store } from '../stores/store.ts';
import { markDamaged } from './damage-marks.ts';
import { parsePartKey } from './stored-parts.ts';

/** Marks name an object by the second of its time: a run that begins within it could not tell its own part from the marked one. */
const pastTheSecondMs = 1100;

interface PartPutsOptions {
  readonly repository: Repository;
  readonly log: Logger;
  readonly now: () => Date;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** When the run started, by the store's clock: what lay there before is not what it has put. */
  readonly startedByStore: Date;
}

/**
 * Puts a run's parts. One that the store does not give back as it was written (STORE_LOST_WRITE) is marked as damaged before
 * that is thrown: where a backup lists the part, because it was to be replaced or because another run stored it at the same
 * time, the next run would take the bad object for stored. It is not deleted: another run may have put it right (docs/adr/0006).
 */
export function createPartPuts(options: PartPutsOptions): Pick<Store, 'put'> {
  const { repository, log } = options;
  return {
    put: async (key, content, { signal }) => {
      try {
        await repository.store.put(key, content, { signal });
      } catch (error) {
        if (error instanceof HoldfastError && error.code === 'STORE_LOST_WRITE') {
          // Best effort: the failure that led here is the one to tell of.
          await markBadWrite(key, error, options, signal).catch((failure: unknown) => log.warn({ object: key, err: failure }, 'a part that the store damaged could not be marked'));
        }
        throw error;
      }
    },
  };
}

async function markBadWrite(key: string, error: HoldfastError, { repository, now, sleep, startedByStore }: PartPutsOptions, signal: AbortSignal): Promise<void> {
  const part = parsePartKey(key);
  const found = await repository.store.stat(key, { signal });
  if (!part || !found || (found.modifiedAt < startedByStore && !isSameSecond(found.modifiedAt, startedByStore))) return;
  await markDamaged(repository, { ...part, modifiedAt: found.modifiedAt }, { reason: `the store gave back ${String(error.values['reason'])}`, now: now(), signal });
  await sleep(pastTheSecondMs, signal);
}
