/** When a cron expression is due, and what `H` in it stands for. Times are of the given IANA time zone. */

/** The expression with each `H` replaced. `seed` is `<namespace>/<name>/<operation>`: the same gives the same. Throws CRON_INVALID. */
export function resolveCron(_expression: string, _seed: string): string {
  throw new Error('in progress');
}

export interface CronTiming {
  /** Without `H`. */
  readonly cron: string;
  readonly timeZone: string;
}

/** The first due time after `after`; undefined where there is none (30 February). */
export function nextDue(_timing: CronTiming, _after: Date): Date | undefined {
  throw new Error('in progress');
}

/** The last due time before or at `at`; undefined where there is none. */
export function lastDue(_timing: CronTiming, _at: Date): Date | undefined {
  throw new Error('in progress');
}

/** Due times after `after` and not after `until`, `limit` at most: what was missed. */
export function dueBetween(_timing: CronTiming, _span: { readonly after: Date; readonly until: Date; readonly limit: number }): Date[] {
  throw new Error('in progress');
}

/** Seconds between the two due times that follow `at`: what alerts measure lateness by. */
export function intervalSeconds(_timing: CronTiming, _at: Date): number | undefined {
  throw new Error('in progress');
}
