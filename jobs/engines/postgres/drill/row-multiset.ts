import { createHash, hash, type Hash } from 'node:crypto';
import type { CopyTarget } from '../read/copy-out.ts';

const modulus = 2n ** 256n;

/**
 * A hash of rows that does not depend on their order: the sum of their SHA-256. Takes them as a COPY gives them and
 * holds none.
 */
export class RowMultiset implements CopyTarget {
  rows = 0;
  #sum = 0n;
  #open: Hash | undefined;

  row(chunk: Buffer, start: number, end: number): void {
    this.#add(hash('sha256', chunk.subarray(start, end), 'hex'));
  }

  begin(): void {
    this.#open = createHash('sha256');
  }

  append(chunk: Buffer, start: number, end: number): void {
    this.#open?.update(chunk.subarray(start, end));
  }

  end(): void {
    this.#add(this.#open?.digest('hex') ?? '');
    this.#open = undefined;
  }

  settle(): undefined {}

  get digest(): string {
    return this.#sum.toString(16).padStart(64, '0');
  }

  #add(digest: string): void {
    this.rows += 1;
    this.#sum = (this.#sum + BigInt(`0x${digest}`)) % modulus;
  }
}

/**
 * Adds rows that lie one behind the other in `chunks`, each with its fields in the order that `fields` says: the nth
 * field becomes the one of that index. A row may go on in the next chunk.
 */
export async function addRows(rows: RowMultiset, chunks: AsyncIterable<Buffer>, fields: readonly number[]): Promise<void> {
  const isSameOrder = fields.every((field, index) => field === index);
  let open: Buffer[] = [];
  const add = (row: Buffer) => {
    const ordered = isSameOrder ? row : reorder(row, fields);
    rows.row(ordered, 0, ordered.length);
  };
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; ) {
      // COPY's text format escapes line breaks in values, in every server encoding.
      const end = chunk.indexOf(lineBreak, start) + 1 || chunk.length;
      const piece = chunk.subarray(start, end);
      const isEnded = piece.at(-1) === lineBreak;
      if (open.length > 0 || !isEnded) open.push(piece);
      if (isEnded) {
        add(open.length > 0 ? Buffer.concat(open) : piece);
        open = [];
      }
      start = end;
    }
  }
}

const [tab, lineBreak] = [9, 10];

function reorder(row: Buffer, fields: readonly number[]): Buffer {
  const values: Buffer[] = [];
  const last = row.length - 1;
  for (let start = 0; start <= last; ) {
    const found = row.indexOf(tab, start);
    const end = found === -1 ? last : found;
    values.push(row.subarray(start, end));
    start = end + 1;
  }
  const ends = fields.map((_, index) => Buffer.of(index === fields.length - 1 ? lineBreak : tab));
  return Buffer.concat(fields.flatMap((field, index) => [values[field] ?? Buffer.alloc(0), ends[index] as Buffer]));
}
