import type { TreePeaks } from '../measure/process-tree.ts';

/** One measured run. Bytes and seconds. */
export interface Sample {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** In the database server. Undefined where that is none of this machine's processes. */
  readonly serverCpuSeconds?: number | undefined;
  readonly peaks: TreePeaks;
  /** Bytes of plain content that it read or restored: what its speed is reckoned from. */
  readonly raw?: number;
  /** What it wrote: the size of the dump, or what a backup added to the repository. */
  readonly written?: number;
  /** What was written as a share of what a first backup stores. */
  readonly newShare?: number;
  /** False where it was ended by its limit. */
  readonly finished: boolean;
}

/** One way of doing it, with all its runs. */
export interface Measurement {
  readonly name: string;
  readonly samples: readonly Sample[];
}

/** The middle one; of an even number the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** The median of one figure over the runs that have it; undefined where none has. */
export function medianOf(measurement: Measurement | undefined, figure: (sample: Sample) => number | undefined): number | undefined {
  const values = (measurement?.samples ?? []).map(figure).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : median(values);
}

/** Undefined where one of the two was not measured. */
export function ratio(figure: number | undefined, of: number | undefined): number | undefined {
  return figure === undefined || of === undefined ? undefined : figure / of;
}

/** The largest size that one process had in any run, and the program it ran. */
export function peakOf({ samples }: Measurement, programs?: RegExp): { readonly program: string; readonly bytes: number } | undefined {
  return samples
    .flatMap(({ peaks }) => Object.entries(peaks.byProgram).map(([program, bytes]) => ({ program, bytes })))
    .filter(({ program }) => programs === undefined || programs.test(program))
    .toSorted((a, b) => b.bytes - a.bytes)[0];
}
