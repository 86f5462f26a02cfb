import { type Measurement, medianOf, peakOf } from './sample.ts';
import { textTable } from './text-table.ts';

/** A figure that the project has set itself, and what was measured. */
export type Goal = GoalFigure & ({ readonly atMost: number } | { readonly atLeast: number });

interface GoalFigure {
  readonly figure: string;
  /** Undefined where what it needs was not run or is not installed. */
  readonly measured: number | undefined;
  readonly unit?: '%' | 'MiB' | 'ms';
}

/** What one suite gives. */
export interface SuiteReport {
  readonly title: string;
  readonly measurements: readonly Measurement[];
  /** Whose time the others' are divided by. */
  readonly base?: string;
  readonly goals: readonly Goal[];
  /** What a reader has to know: what was not measured and why. */
  readonly notes: readonly string[];
}

const mebibyte = 1024 * 1024;

export function renderReport({ title, measurements, base, goals, notes }: SuiteReport): string {
  const baseSeconds = medianOf(measurements.find(({ name }) => name === base), ({ seconds }) => seconds);
  const rows = measurements.map((measurement) => {
    const figure = (pick: Parameters<typeof medianOf>[1]) => medianOf(measurement, pick);
    const seconds = figure((sample) => sample.seconds) ?? Number.NaN;
    const all = measurement.samples.map((sample) => sample.seconds);
    const finished = measurement.samples.every((sample) => sample.finished);
    const peak = peakOf(measurement);
    return [
      measurement.name,
      `${finished ? '' : '> '}${seconds.toFixed(2)}`,
      `${Math.min(...all).toFixed(2)}–${Math.max(...all).toFixed(2)}`,
      show(baseSeconds, (value) => (seconds / value).toFixed(2)),
      show(figure(({ raw }) => raw), (value) => (value / mebibyte / seconds).toFixed(0)),
      show(figure(({ written }) => written), (value) => (value / mebibyte).toFixed(1)),
      show(figure(({ newShare }) => newShare), (value) => `${(100 * value).toFixed(2)} %`),
      show(figure(({ cpuSeconds }) => cpuSeconds), (value) => value.toFixed(2)),
      show(figure(({ serverCpuSeconds }) => serverCpuSeconds), (value) => value.toFixed(2)),
      show(peak, ({ program, bytes }) => `${(bytes / mebibyte).toFixed(0)} ${program}`),
      show(figure(({ peaks }) => peaks.together), (value) => (value / mebibyte).toFixed(0)),
    ];
  });
  const header = ['', 'seconds', 'least–most', base === undefined ? 'ratio' : 'of base', 'MiB/s', 'MiB written', 'new', 'CPU s', 'server CPU s', 'peak MiB of', 'all MiB'];
  return [
    `\n${title}${base === undefined ? '' : `; base: ${base}`}`,
    dropEmptyColumns(header, rows),
    ...(goals.length === 0 ? [] : ['', textTable(['goal', 'bound', 'measured', ''], goals.map(goalRow))]),
    ...notes.map((note) => `- ${note}`),
  ].join('\n');
}

/** Whether a goal is reached. */
export function verdictOf(goal: Goal): 'met' | 'missed' | 'not measured' {
  const { measured } = goal;
  if (measured === undefined || Number.isNaN(measured)) return 'not measured';
  return ('atMost' in goal ? measured <= goal.atMost : measured >= goal.atLeast) ? 'met' : 'missed';
}

function goalRow(goal: Goal): string[] {
  const format = (value: number | undefined) => {
    if (value === undefined) return '–';
    if (goal.unit === '%') return `${(100 * value).toFixed(2)} %`;
    if (goal.unit === 'ms') return `${value.toFixed(0)} ms`;
    return goal.unit === 'MiB' ? `${(value / mebibyte).toFixed(0)} MiB` : value.toFixed(2);
  };
  const [sign, bound] = 'atMost' in goal ? ['≤', goal.atMost] : ['≥', goal.atLeast];
  const verdict = verdictOf(goal);
  const by = verdict === 'missed' && goal.measured !== undefined ? ` by ${(100 * Math.abs(goal.measured / bound - 1)).toFixed(0)} %` : '';
  return [goal.figure, `${sign} ${format(bound)}`, format(goal.measured), `${verdict}${by}`];
}

function show<Value>(value: Value | undefined, format: (value: Value) => string): string {
  return value === undefined ? '' : format(value);
}

/** A column in which no row has anything says nothing. */
function dropEmptyColumns(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const kept = header.map((_, column) => column).filter((column) => column === 0 || rows.some((row) => row[column] !== ''));
  return textTable(kept.map((column) => header[column] ?? ''), rows.map((row) => kept.map((column) => row[column] ?? '')));
}
