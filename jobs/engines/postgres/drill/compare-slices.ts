import type { PartSlice } from '../../../../src/repository/manifest/manifest.ts';
import type { PartSource } from '../../../../src/repository/parts/parts.ts';
import type { CopyTarget } from '../read/copy-out.ts';

/** A slice whose rows are not there as the backup has them. */
export interface SliceDifference {
  readonly slice: PartSlice;
  /** Counts from 1. */
  readonly number: number;
  readonly found: { readonly rows: number; readonly bytes: number };
  /** Of the first row that differs, counted from 1 in the slice. */
  readonly row: number;
}

/** A stretch that was read back and whose comparison needs the part. */
interface Stretch {
  readonly index: number;
  readonly raw: Buffer;
  readonly rows: number;
  readonly bytes: number;
}

/**
 * Takes a table's rows as a COPY gives them and compares them with the table's slices, each with as many rows as the
 * backup says: a stretch that makes a whole part has that part's name, so nothing is fetched; tables that share a part
 * are compared with it byte by byte. A row that is longer or shorter than it was leaves the slices behind it aligned.
 * Holds one slice's bytes at a time.
 */
export class SliceComparison implements CopyTarget {
  /** The first one tells where to look; all are counted. */
  first: SliceDifference | undefined;
  differing = 0;
  rows = 0;
  readonly #slices: readonly PartSlice[];
  readonly #parts: PartSource;
  #index = 0;
  /** The current stretch; memory for the slice and a byte more, which shows that there is too much. */
  #buffer = Buffer.alloc(0);
  #bytes = 0;
  #rows = 0;
  #waiting: Stretch[] = [];

  constructor(slices: readonly PartSlice[], parts: PartSource) {
    this.#slices = slices;
    this.#parts = parts;
  }

  row(chunk: Buffer, start: number, end: number): void {
    this.append(chunk, start, end);
    this.end();
  }

  begin(): void {}

  append(chunk: Buffer, start: number, end: number): void {
    for (let position = start; position < end; ) {
      const slice = this.#slices[this.#index];
      // Only a row longer than a part goes on in the next one: where no row ends, bytes say where the slice does.
      const taken = slice?.rows === 0 ? Math.min(end - position, lengthOf(slice) - this.#bytes) : end - position;
      this.#keep(chunk, position, position + taken, slice);
      position += taken;
      if (slice?.rows === 0 && this.#bytes === lengthOf(slice)) this.#finish();
    }
  }

  end(): void {
    this.rows += 1;
    // The row is shorter than it was and ends before the slice that it filled: so do the others that it filled.
    while (this.#slices[this.#index]?.rows === 0) this.#finish();
    this.#rows += 1;
    if (this.#rows === this.#slices[this.#index]?.rows) this.#finish();
  }

  settle(): Promise<void> | undefined {
    return this.#waiting.length === 0 ? undefined : this.#compareWaiting();
  }

  /** No more rows come: what has not been reached is missing. */
  async finish(): Promise<void> {
    while (this.#index < this.#slices.length) this.#finish();
    await this.#compareWaiting();
  }

  #keep(chunk: Buffer, start: number, end: number, slice: PartSlice | undefined): void {
    if (slice !== undefined) {
      const capacity = lengthOf(slice) + 1;
      if (this.#buffer.length < capacity) this.#buffer = Buffer.allocUnsafeSlow(capacity);
      if (this.#bytes < capacity) chunk.copy(this.#buffer, this.#bytes, start, Math.min(end, start + capacity - this.#bytes));
    }
    this.#bytes += end - start;
  }

  #finish(): void {
    const slice = this.#slices[this.#index] as PartSlice;
    const raw = this.#buffer.subarray(0, Math.min(this.#bytes, lengthOf(slice) + 1));
    const isWholePart = lengthOf(slice) === slice.raw;
    if (!isWholePart || this.#bytes !== slice.raw || this.#parts.nameOf(raw) !== slice.part) {
      this.#waiting.push({ index: this.#index, raw, rows: this.#rows, bytes: this.#bytes });
      this.#buffer = Buffer.alloc(0);
    }
    this.#index += 1;
    this.#bytes = 0;
    this.#rows = 0;
  }

  async #compareWaiting(): Promise<void> {
    for (const { index, raw, rows, bytes } of this.#waiting.splice(0)) {
      const slice = this.#slices[index] as PartSlice;
      const isWholePart = lengthOf(slice) === slice.raw;
      if (this.first === undefined || !isWholePart) {
        const expected = await this.#parts.read(slice);
        if (bytes === expected.length && raw.equals(expected)) continue;
        this.first ??= { slice, number: index + 1, found: { rows, bytes }, row: rowOfDifference(expected, raw) };
      }
      this.differing += 1;
    }
  }
}

function lengthOf(slice: PartSlice): number {
  return slice.length ?? slice.raw;
}

/** The number, from 1, of the row in which two stretches first differ: COPY's text format ends rows by line breaks only. */
function rowOfDifference(expected: Buffer, found: Buffer): number {
  const length = Math.min(expected.length, found.length);
  let place = 0;
  // Block by block, then byte by byte in the block that differs.
  while (place < length && expected.compare(found, place, Math.min(place + block, length), place, Math.min(place + block, length)) === 0) place += block;
  while (place < length && expected[place] === found[place]) place += 1;
  let row = 1;
  for (let next = expected.indexOf(10); next !== -1 && next < place; next = expected.indexOf(10, next + 1)) row += 1;
  return row;
}

const block = 4096;
