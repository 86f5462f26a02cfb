import type { PartSlice, Stream } from '../../../../src/repository/manifest/manifest.ts';
import type { TableDetails } from '../content.ts';

/** A run of one table's slices that one COPY loads: it starts and ends between rows. */
export interface LoadRun {
  readonly table: TableDetails;
  readonly slices: readonly PartSlice[];
  readonly rows: number;
  readonly bytes: number;
}

/** Runs that one connection loads one after the other: one of a large table, or many small tables that share parts. */
export interface LoadItem {
  /** The large table that it is a run of. */
  readonly table?: TableDetails;
  readonly runs: readonly LoadRun[];
  readonly bytes: number;
}

const MiB = 1024 * 1024;
/** Tables up to this size travel together. */
const smallTable = MiB;
const bundleBytes = 8 * MiB;

/**
 * Cuts the tables' slices into pieces of work: large tables in runs of their own, so that all connections can work at one of
 * them. With one connection, or `inStoredOrder`, each table is one run, in stored order.
 */
export function planLoad(streams: readonly Stream<TableDetails>[], connections: number, inStoredOrder = false): LoadItem[] {
  const items: LoadItem[] = [];
  let bundle: LoadRun[] = [];
  let bundled = 0;
  const closeBundle = () => {
    if (bundle.length > 0) items.push({ runs: bundle, bytes: bundled });
    bundle = [];
    bundled = 0;
  };
  for (const stream of streams) {
    if (stream.slices.length === 0) continue;
    if (stream.bytes <= smallTable) {
      bundle.push(runOf(stream, stream.slices));
      bundled += stream.bytes;
      if (bundled >= bundleBytes) closeBundle();
    } else {
      for (const run of splitTable(stream, inStoredOrder ? 1 : connections)) items.push({ table: stream.details, runs: [run], bytes: run.bytes });
    }
  }
  closeBundle();
  return items;
}

/** What of one table is left, or one bundle. */
interface Pile {
  readonly items: LoadItem[];
  bytes: number;
  loaders: number;
}

/**
 * Hands the items out to connections, each of which iterates over it. Two that load one table wait for each other's pages: each
 * gets the largest table that no other one is loading, and several share one only when no other is left.
 */
export class LoadQueue implements Iterable<LoadItem> {
  readonly #piles: Pile[];

  constructor(items: readonly LoadItem[]) {
    this.#piles = [...Map.groupBy(items, (item) => item.table ?? item).values()].map((pile) => ({ items: [...pile], bytes: pile.reduce((sum, { bytes }) => sum + bytes, 0), loaders: 0 }));
  }

  *[Symbol.iterator](): Generator<LoadItem, void> {
    for (let pile = this.#choose(); pile !== undefined; pile = this.#choose()) {
      const item = pile.items.shift() as LoadItem;
      pile.bytes -= item.bytes;
      pile.loaders += 1;
      yield item;
      pile.loaders -= 1;
    }
  }

  #choose(): Pile | undefined {
    const [best] = this.#piles.filter(({ items }) => items.length > 0).toSorted((one, other) => one.loaders - other.loaders || other.bytes - one.bytes);
    return best;
  }
}

function splitTable(stream: Stream<TableDetails>, connections: number): LoadRun[] {
  const wanted = connections === 1 ? Infinity : Math.min(256 * MiB, Math.max(16 * MiB, stream.bytes / (connections * 4)));
  const runs: LoadRun[] = [];
  let start = 0;
  let bytes = 0;
  for (const [index, slice] of stream.slices.entries()) {
    bytes += lengthOf(slice);
    // In a slice without a row's end a long row goes on.
    if (bytes >= wanted && slice.rows !== 0) {
      runs.push(runOf(stream, stream.slices.slice(start, index + 1)));
      start = index + 1;
      bytes = 0;
    }
  }
  if (start < stream.slices.length) runs.push(runOf(stream, stream.slices.slice(start)));
  return runs;
}

function runOf(stream: Stream<TableDetails>, slices: readonly PartSlice[]): LoadRun {
  return {
    table: stream.details,
    slices,
    rows: slices.reduce((sum, slice) => sum + (slice.rows ?? 0), 0),
    bytes: slices.reduce((sum, slice) => sum + lengthOf(slice), 0),
  };
}

function lengthOf(slice: PartSlice): number {
  return slice.length ?? slice.raw;
}
