import { Cron } from 'croner';
import { cronErrors } from './cron/cron-errors.ts';
import { type CronFieldRange, cronFields, parseCron, splitCron } from './cron/cron-fields.ts';

/**
 * The expression with each `H` replaced by a value of the seed, `<namespace>/<name>/<operation>`: the same for the same run, spread over all. The
 * chart's template does the same with sprig's adler32sum where there is no controller; a test compares. Throws CRON_INVALID of
 * anything that Kubernetes would refuse.
 */
export function resolveCron(expression: string, seed: string): string {
  let hash = adler32(seed);
  const fields = splitCron(expression).map((text, index) => {
    const field = cronFields[index];
    if (field === undefined || !text.startsWith('H')) return text;
    const place = placeOf(text, field);
    if (place === undefined) throw cronErrors.CRON_INVALID({ expression, field: `${field.name} "${text}"` });
    const value = place.from + (hash % place.size);
    // What is left decides over the next H: hour and minute are independent of each other.
    hash = Math.floor(hash / place.size);
    return place.suffix === undefined ? String(value) : `${value}${place.suffix}`;
  });
  const resolved = fields.join(' ');
  parseCron(resolved);
  return resolved;
}

/** `H`, `H(from-to)`, `H/step`: how many values there are from where, and what follows the value. */
function placeOf(text: string, { min, max, hashMax = max }: CronFieldRange): { readonly from: number; readonly size: number; readonly suffix?: string } | undefined {
  if (text === 'H') return { from: min, size: hashMax - min + 1 };
  const [, first, last, stepText] = /^H(?:\(([0-9]+)-([0-9]+)\)|\/([0-9]+))$/.exec(text) ?? [];
  if (stepText !== undefined) {
    const step = Number(stepText);
    return step >= 1 && step <= hashMax - min + 1 ? { from: min, size: step, suffix: `-${hashMax}/${step}` } : undefined;
  }
  const [from, to] = [Number(first), Number(last)];
  return from >= min && to <= max && from <= to ? { from, size: to - from + 1 } : undefined;
}

/** RFC 1950. */
export function adler32(text: string): number {
  let [low, high] = [1, 0];
  for (const byte of Buffer.from(text)) {
    low = (low + byte) % 65_521;
    high = (high + low) % 65_521;
  }
  return high * 65_536 + low;
}

export interface CronTiming {
  /** Without `H`. */
  readonly cron: string;
  /** An IANA name. */
  readonly timeZone: string;
}

/** Each function here throws CRON_INVALID and TIME_ZONE_UNKNOWN. One call costs up to half a millisecond. */

/** The first due time after `after`; undefined where there is none (30 February). */
export function nextDue(timing: CronTiming, after: Date): Date | undefined {
  return compile(timing).nextRun(after) ?? undefined;
}

/** The last due time before or at `at`; undefined where there is none. */
export function lastDue(timing: CronTiming, at: Date): Date | undefined {
  // The library looks strictly before the second that it is given.
  const second = Math.floor(at.getTime() / 1_000) * 1_000;
  return compile(timing).previousRuns(1, new Date(second + 1_000))[0];
}

/** Due times after `after` up to and including `until`, the first `limit` of them: what was missed. */
export function dueBetween(timing: CronTiming, { after, until, limit }: { readonly after: Date; readonly until: Date; readonly limit: number }): Date[] {
  const cron = compile(timing);
  const due: Date[] = [];
  for (let next = cron.nextRun(after); next !== null && next <= until && due.length < limit; next = cron.nextRun(next)) due.push(next);
  return due;
}

function compile({ cron, timeZone }: CronTiming): Cron {
  parseCron(cron);
  if (!isTimeZone(timeZone)) throw cronErrors.TIME_ZONE_UNKNOWN({ timeZone });
  return new Cron(cron, { mode: '5-part', timezone: timeZone, paused: true });
}

/** Those that were found to be some: asking costs a millisecond and much memory, and there are few. */
const timeZones = new Set<string>();

function isTimeZone(timeZone: string): boolean {
  if (timeZones.has(timeZone)) return true;
  try {
    Intl.DateTimeFormat('en', { timeZone });
    timeZones.add(timeZone);
    return true;
  } catch {
    return false;
  }
}
