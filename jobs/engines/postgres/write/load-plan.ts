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
  readonly runs: readonly LoadRun[];
  readonly bytes: number;
}

const MiB = 1024 * 1024;
/** Tables up to this size travel together. */
const smallTable = MiB;
const bundleBytes = 8 * MiB;
/** A part at least this long may end within a row that is longer than a part can be, so no run ends there. */
const possiblyCutRow = 16 * MiB;

/**
 * Distributes the tables' slices over connections: largest first, large tables in runs of their own so that one of them
 * occupies all connections. With one connection each table is one run, in stored order.
 */
export function planLoad(streams: readonly Stream<TableDetails>[], connections: number): LoadItem[] {
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
      for (const run of splitTable(stream, connections)) items.push({ runs: [run], bytes: run.bytes });
    }
  }
  closeBundle();
  return items.toSorted((a, b) => b.bytes - a.bytes);
}

function splitTable(stream: Stream<TableDetails>, connections: number): LoadRun[] {
  const wanted = connections === 1 ? Infinity : Math.min(256 * MiB, Math.max(16 * MiB, stream.bytes / (connections * 4)));
  const runs: LoadRun[] = [];
  let start = 0;
  let bytes = 0;
  for (const [index, slice] of stream.slices.entries()) {
    const length = lengthOf(slice);
    bytes += length;
    if (bytes >= wanted && length < possiblyCutRow && slice.rows !== 0) {
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
