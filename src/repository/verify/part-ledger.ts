import type { PartEncodingName } from '../manifest/manifest.ts';
import { PartIndex, type PartMark } from '../parts/part-index.ts';

/** The store holds it with a size that a backup states. */
const matching: PartMark = 1;
/** A backup states another size than the store holds. */
const contradicted: PartMark = 2;
/** A backup lists it, and the store does not hold it. */
const absent: PartMark = 4;
/** Known to be damaged, or taken for reading. */
const settled: PartMark = 8;

/**
 * What is known of every part: what the store holds and what backups state. A few dozen bytes a part, however many
 * backups list it. First `addStored`, then `addListed`, then the questions.
 */
export class PartLedger {
  readonly #index = new PartIndex(() => true);
  /** Whether any backup states another size than the store holds. */
  hasContradictions = false;

  addStored(name: string, encoding: PartEncodingName, size: number): void {
    this.#index.add(name, encoding, size);
  }

  /** Takes in that a backup lists a part. Says whether it is the first to do so, and whether the store holds the part. */
  addListed(name: string, encoding: PartEncodingName, stored: number): { readonly isNew: boolean; readonly isThere: boolean } {
    const index = this.#index;
    const isNew = !this.#isListed(name, encoding);
    if (!index.has(name, encoding)) index.add(name, encoding, stored, absent);
    const isThere = !index.has(name, encoding, absent);
    if (isThere) index.mark(name, encoding, stored, { same: matching, other: contradicted });
    this.hasContradictions ||= index.has(name, encoding, contradicted);
    return { isNew, isThere };
  }

  /**
   * Whether backups state only sizes that the store does not hold: either it is damaged, or another run has stored the same
   * content with another compression level since. Only reading it tells.
   */
  isDoubtful(name: string, encoding: PartEncodingName): boolean {
    return this.#index.has(name, encoding, contradicted) && !this.#index.has(name, encoding, matching) && !this.#index.has(name, encoding, settled);
  }

  /** Whether there is something to read that was neither read nor settled yet. */
  isUnread(name: string, encoding: PartEncodingName): boolean {
    return !this.#index.has(name, encoding, settled) && !this.#index.has(name, encoding, absent);
  }

  /** Nothing more is to be found out about this part. */
  settle(name: string, encoding: PartEncodingName): void {
    this.#index.add(name, encoding, 0, settled);
  }

  #isListed(name: string, encoding: PartEncodingName): boolean {
    return [matching, contradicted, absent].some((mark) => this.#index.has(name, encoding, mark));
  }
}
