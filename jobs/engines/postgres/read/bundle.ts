import type { DraftSlice, PartSink } from '../../../../src/repository/parts/parts.ts';
import { hashText } from './row-cutter.ts';

const target = 256 * 1024;
const smallest = target / 4;
const largest = target * 4;

/** A small table's rows as COPY gave them. */
export interface SmallContent {
  readonly raw: Buffer;
  readonly rows: number;
}

/**
 * Puts small tables' rows one behind the other into shared parts. Where a part ends is decided by the names of the
 * tables in it: a table that comes, goes or changes touches its own part only.
 */
export class Bundle {
  readonly #sink: PartSink;
  #open: { readonly content: SmallContent; readonly slices: DraftSlice[] }[] = [];
  #size = 0;

  constructor(sink: PartSink) {
    this.#sink = sink;
  }

  /** Adds a table's rows; `slices` gets its slice when the part that they are in is finished. */
  async add(name: string, content: SmallContent, slices: DraftSlice[]): Promise<void> {
    if (content.raw.length === 0) return;
    this.#open.push({ content, slices });
    this.#size += content.raw.length;
    const isCut = this.#size >= smallest && hashText(name) < (content.raw.length * 2 ** 32) / target;
    if (isCut || this.#size >= largest) await this.flush();
  }

  async flush(): Promise<void> {
    const open = this.#open;
    if (open.length === 0) return;
    this.#open = [];
    this.#size = 0;
    const { name, raw } = await this.#sink.write(Buffer.concat(open.map(({ content }) => content.raw)));
    let offset = 0;
    for (const { content, slices } of open) {
      slices.push({ part: name, raw, rows: content.rows, offset, length: content.raw.length });
      offset += content.raw.length;
    }
  }
}
