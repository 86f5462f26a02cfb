import type { DraftSlice, MemoryOfParts } from '../../../../src/repository/parts/parts.ts';
import type { CutPart, RowCutter } from './row-cutter.ts';

/** What the reader of one range gives: everything it read is either in a slice, in the head, or still in its cutter. */
export interface ReadRange {
  /** The first part of a range that is not the first: it goes on from what precedes. Undefined where nothing was cut. */
  readonly head: CutPart | undefined;
  readonly slices: readonly DraftSlice[];
  /** Holds the part that is not finished. */
  readonly cutter: RowCutter;
}

/**
 * Joins what the ranges of a table gave, in whatever order they end, so that its parts are the ones that a single
 * range would have given: where ranges meet, the end of one and the head of the next are cut as one.
 */
export class RangeJoiner {
  readonly #write: (part: CutPart) => Promise<DraftSlice>;
  readonly #memory: MemoryOfParts | undefined;
  readonly #ranges: (ReadRange | undefined)[];
  /** The cutter that holds all that precedes a range's successor; known once the range's own start is settled. */
  readonly #tails: (RowCutter | undefined)[];
  /** Slices of the parts that lie on the border behind a range. */
  readonly #borders: DraftSlice[][];
  #joined = 0;

  /** `memory` gets back what the ranges' heads lay in. */
  constructor(count: number, write: (part: CutPart) => Promise<DraftSlice>, memory?: MemoryOfParts) {
    this.#write = write;
    this.#memory = memory;
    this.#ranges = Array.from({ length: count }, () => undefined);
    this.#tails = Array.from({ length: count }, () => undefined);
    this.#borders = Array.from({ length: count }, () => []);
  }

  /** Whether every range is there. */
  get complete(): boolean {
    return this.#joined === this.#ranges.length;
  }

  /** Takes a range and writes the parts on its borders as far as both sides are known. */
  async add(index: number, range: ReadRange): Promise<void> {
    this.#ranges[index] = range;
    this.#joined += 1;
    // A range that was cut knows where its last part begins, whatever precedes it.
    if (index === 0 || range.head !== undefined) this.#tails[index] = range.cutter;
    if (index > 0) await this.#join(index - 1);
    await this.#join(index);
  }

  /** All slices in the order of the rows. Call it when complete. */
  get slices(): DraftSlice[] {
    return this.#ranges.flatMap((range, index) => [...(range?.slices ?? []), ...(this.#borders[index] ?? [])]);
  }

  /** Settles the border between a range and the next one, and those behind it that this settles. */
  async #join(from: number): Promise<void> {
    for (let index = from; ; index += 1) {
      const tail = this.#tails[index];
      const next = this.#ranges[index + 1];
      const last = index === this.#ranges.length - 1;
      if (tail === undefined || (next === undefined && !last)) return;
      this.#tails[index] = undefined;
      if (next === undefined || next.head !== undefined) {
        if (next?.head !== undefined) this.#append(tail, next.head);
        tail.flush();
        await this.#writeParts(tail, index);
        return;
      }
      // Nothing in the next range ended a part: it is the continuation of this one as a whole.
      next.cutter.flush();
      for (const part of next.cutter.parts) this.#append(tail, part);
      await this.#writeParts(tail, index);
      this.#tails[index + 1] = tail;
    }
  }

  #append(tail: RowCutter, { raw }: CutPart): void {
    tail.rowsOf(raw);
    this.#memory?.give(raw);
  }

  async #writeParts(cutter: RowCutter, index: number): Promise<void> {
    for (const part of cutter.parts.splice(0)) this.#borders[index]?.push(await this.#write(part));
  }
}
