import type { MemoryOfParts } from '../../../../src/repository/parts/parts.ts';

/** No part is larger, so that every object is put in one call. Raw bytes. */
export const maximumPartSize = 16 * 1024 * 1024;
/** A longer row goes over several parts of this size: a handful of connections that each hold some of them fit into a job's memory. */
export const longestWholeRow = 4 * 1024 * 1024;

/** Memory that the collector takes back. */
const anyMemory: MemoryOfParts = { take: (bytes) => Buffer.allocUnsafeSlow(bytes), give: () => {} };

/** A finished part and the rows that end in it. */
export interface CutPart {
  readonly raw: Buffer;
  readonly rows: number;
}

export interface RowCutterOptions {
  /** Average size of a part in bytes; a power of two. */
  readonly target: number;
  /** How many leading fields are the row's key; 0 takes the row itself. */
  readonly keyFields: number;
  /**
   * Whether the rows are the stream's first. Otherwise what came before is not known, and the first part given is the
   * head that belongs to what precedes (it may be empty).
   */
  readonly first: boolean;
  /** Bytes that are expected in all, where that is less than a part. */
  readonly expected?: number;
  /** Where the memory of parts comes from. */
  readonly memory?: MemoryOfParts | undefined;
}

/**
 * Cuts rows of COPY's text format into parts by their content. A row is a *mark* when the hash of its key says so,
 * with a chance proportional to its length; a part ends after a mark that is at least a quarter of the target behind
 * the mark before it. So whether a row ends a part depends on the quarter before it and on nothing else: an insert, a
 * delete, or a read that started somewhere else moves no other cut. Parts reach four times the target at most, unless
 * one row is longer, and never more than `maximumPartSize`. Only a row longer than `longestWholeRow` goes on in the next part.
 */
export class RowCutter {
  /** Finished parts in order; the owner takes them away. */
  readonly parts: CutPart[] = [];
  readonly #keyFields: number;
  readonly #memory: MemoryOfParts;
  readonly #minimum: number;
  readonly #hard: number;
  readonly #hardHead: number;
  readonly #initial: number;
  /** Multiplied by a row's length: the hashes below are marks. */
  readonly #scale: number;
  #buffer: Buffer = Buffer.alloc(0);
  #size = 0;
  #rows = 0;
  #sinceMark = 0;
  #markKnown: boolean;
  #headOpen: boolean;
  #rowStart = 0;
  #oversized = false;

  constructor({ target, keyFields, first, expected = Infinity, memory = anyMemory }: RowCutterOptions) {
    this.#memory = memory;
    this.#keyFields = keyFields;
    this.#minimum = target / 4;
    this.#hard = Math.min(target * 4, maximumPartSize);
    this.#hardHead = Math.min(target * 8, maximumPartSize);
    this.#initial = Math.min(target * 2, maximumPartSize, expected);
    this.#scale = 2 ** 32 / target;
    this.#markKnown = first;
    this.#headOpen = !first;
  }

  /** Bytes of the part that is not finished. */
  get openBytes(): number {
    return this.#size;
  }

  /** Takes one whole row: `chunk` from `start` to `end`, its line break included. */
  row(chunk: Buffer, start: number, end: number): void {
    const length = end - start;
    if (length > longestWholeRow) {
      this.begin(length);
      this.append(chunk, start, end);
      this.end();
      return;
    }
    if (this.#size + length > this.#buffer.length) this.#makeRoom(length);
    const rowStart = this.#size;
    chunk.copy(this.#buffer, rowStart, start, end);
    this.#size = rowStart + length;
    this.#finishRow(rowStart, length);
  }

  /** Starts a row of `length` bytes that comes in pieces. */
  begin(length: number): void {
    this.#oversized = length > longestWholeRow;
    if (this.#oversized) {
      this.#cut();
      this.#makeRoom(longestWholeRow);
    } else if (this.#size + length > this.#buffer.length) {
      this.#makeRoom(length);
    }
    this.#rowStart = this.#size;
  }

  append(chunk: Buffer, start: number, end: number): void {
    // Of a row that is not cut there is room for the whole.
    const limit = this.#oversized ? longestWholeRow : maximumPartSize;
    let position = start;
    while (position < end) {
      if (this.#size === limit) {
        this.#cut();
        this.#makeRoom(limit);
      }
      const taken = Math.min(end - position, limit - this.#size);
      chunk.copy(this.#buffer, this.#size, position, position + taken);
      this.#size += taken;
      position += taken;
    }
  }

  end(): void {
    if (this.#oversized) {
      this.#rows += 1;
      this.#cut();
    } else {
      this.#finishRow(this.#rowStart, this.#size - this.#rowStart);
    }
  }

  /** Takes rows that lie one behind the other, as a head or a small table does. */
  rowsOf(raw: Buffer): void {
    for (let start = 0; start < raw.length; ) {
      // COPY's text format escapes line breaks in values, in every server encoding.
      const end = raw.indexOf(10, start) + 1 || raw.length;
      this.row(raw, start, end);
      start = end;
    }
  }

  /** Finishes the open part, if it holds anything. */
  flush(): void {
    if (this.#size > 0) this.#cut();
  }

  #finishRow(rowStart: number, length: number): void {
    this.#rows += 1;
    this.#sinceMark += length;
    const hash = this.#keyFields > 0 ? hashFields(this.#buffer, rowStart, this.#size, this.#keyFields) : hashRow(this.#buffer, rowStart, this.#size);
    if (hash < length * this.#scale) {
      if (this.#markKnown && this.#sinceMark >= this.#minimum) this.#cut();
      this.#markKnown = true;
      this.#sinceMark = 0;
    }
    // A head is not a part yet: it may hold the end of one and the whole next one.
    if (this.#size >= (this.#headOpen ? this.#hardHead : this.#hard)) this.#cut();
  }

  #cut(): void {
    if (this.#size > 0 || this.#headOpen) {
      this.parts.push({ raw: this.#buffer.subarray(0, this.#size), rows: this.#rows });
      this.#buffer = Buffer.alloc(0);
    }
    this.#headOpen = false;
    this.#size = 0;
    this.#rows = 0;
  }

  #makeRoom(length: number): void {
    if (this.#size > 0 && this.#size + length > maximumPartSize) this.#cut();
    const needed = this.#size + length;
    if (needed <= this.#buffer.length) return;
    const capacity = Math.max(needed, Math.min(maximumPartSize, Math.max(this.#initial, this.#buffer.length * 2)));
    const larger = this.#memory.take(capacity);
    this.#buffer.copy(larger, 0, 0, this.#size);
    this.#memory.give(this.#buffer);
    this.#buffer = larger;
  }
}

/** 32-bit hash of the first `fields` fields (FNV-1a, mixed). COPY escapes tabs in values: a tab ends a field. */
function hashFields(bytes: Buffer, start: number, end: number, fields: number): number {
  let hash = 0x811c9dc5;
  let left = fields;
  for (let index = start; index < end; index += 1) {
    const byte = bytes[index] as number;
    if (byte === 9) {
      left -= 1;
      if (left === 0) break;
    }
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return mix(hash);
}

const hashedEnds = 64;

/** 32-bit hash of a row without key: its length, its first and its last bytes. */
function hashRow(bytes: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5 ^ (end - start);
  const firstEnd = Math.min(end, start + hashedEnds);
  for (let index = start; index < firstEnd; index += 1) hash = Math.imul(hash ^ (bytes[index] as number), 0x01000193);
  for (let index = Math.max(firstEnd, end - hashedEnds); index < end; index += 1) hash = Math.imul(hash ^ (bytes[index] as number), 0x01000193);
  return mix(hash);
}

/** 32-bit hash of a name. */
export function hashText(text: string): number {
  const bytes = Buffer.from(text);
  return hashFields(bytes, 0, bytes.length, bytes.length + 1);
}

/** Spreads the last bytes' influence over all bits (MurmurHash3's finalizer): neighbouring keys differ in every bit. */
function mix(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
