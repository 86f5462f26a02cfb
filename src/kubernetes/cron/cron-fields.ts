import { cronErrors } from './cron-errors.ts';

export interface CronFieldRange {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** The last value that `H` takes: every month has a 28th. */
  readonly hashMax?: number;
  readonly names?: readonly string[];
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

export const cronFields = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of month', min: 1, max: 31, hashMax: 28 },
  { name: 'month', min: 1, max: 12, names: months },
  { name: 'day of week', min: 0, max: 6, names: weekdays },
] as const satisfies readonly CronFieldRange[];

/** What Kubernetes takes in place of five fields. Not `@every`: it has no due times to speak of. */
const nicknames: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** The values of each field, and whether it says anything at all. */
export interface CronSets {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  /** Where both are given, one of them is enough; `*` is not given. */
  readonly anyDay: boolean;
  readonly anyWeekday: boolean;
}

/** The five fields of an expression. Throws CRON_INVALID where there are not five. */
export function splitCron(expression: string): string[] {
  const fields = (nicknames[expression.trim()] ?? expression).trim().split(/\s+/);
  if (fields.length !== cronFields.length) throw cronErrors.CRON_INVALID({ expression, field: `${fields.length} fields, not 5` });
  return fields;
}

/**
 * What an expression without `H` means. As strict as Kubernetes (robfig/cron's standard parser) is: neither seconds nor `L`, `W`, `#`, nor 7 for
 * Sunday. Throws CRON_INVALID.
 */
export function parseCron(expression: string): CronSets {
  const texts = splitCron(expression);
  const [minutes, hours, days, ofMonths, ofWeekdays] = cronFields.map((field, index) => {
    const values = parseField(texts[index] ?? '', field);
    if (values === undefined) throw cronErrors.CRON_INVALID({ expression, field: `${field.name} "${texts[index] ?? ''}"` });
    return values;
  }) as [Set<number>, Set<number>, Set<number>, Set<number>, Set<number>];
  return { minutes, hours, days, months: ofMonths, weekdays: ofWeekdays, anyDay: isAny(texts[2]), anyWeekday: isAny(texts[4]) };
}

function isAny(text: string | undefined): boolean {
  return text === '*' || text === '?';
}

function parseField(text: string, field: CronFieldRange): Set<number> | undefined {
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const range = parseRange(item, field);
    if (range === undefined) return undefined;
    for (let value = range.from; value <= range.to; value += range.step) values.add(value);
  }
  return values;
}

/** `*`, `5`, `1-5`, each with `/step`. A single value with a step goes on to the end. */
function parseRange(text: string, field: CronFieldRange): { readonly from: number; readonly to: number; readonly step: number } | undefined {
  const [, whole, first = '', last, stepText] = /^(?:([*?])|([0-9A-Za-z]+)(?:-([0-9A-Za-z]+))?)(?:\/([0-9]+))?$/.exec(text) ?? [];
  const step = stepText === undefined ? 1 : Number(stepText);
  if (step === 0) return undefined;
  if (whole !== undefined) return { from: field.min, to: field.max, step };
  const from = parseValue(first, field);
  if (from === undefined) return undefined;
  const to = last === undefined ? (stepText === undefined ? from : field.max) : parseValue(last, field);
  return to === undefined || to < from ? undefined : { from, to, step };
}

function parseValue(text: string, { min, max, names }: CronFieldRange): number | undefined {
  const named = names?.indexOf(text.toUpperCase()) ?? -1;
  const value = named >= 0 ? named + min : /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}
