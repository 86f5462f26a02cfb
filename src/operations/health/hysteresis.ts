/** How steady a check has to be to change its standing. */
export interface Hysteresis {
  /** Failures in a row after which a check that was well counts as failed. */
  readonly failuresToFail: number;
  /** Successes in a row after which a failed check is well again. */
  readonly successesToRecover: number;
}

/** Where a check stands after the results so far. */
export interface Standing {
  readonly failing: boolean;
  readonly hasSucceeded: boolean;
  /** In a row, 0 after a success; `successes` likewise. */
  readonly failures: number;
  readonly successes: number;
}

export const firstStanding: Standing = { failing: false, hasSucceeded: false, failures: 0, successes: 0 };

/** Where a check stands after one more result. Until the first success each result counts at once; from then on only a row of them. */
export function nextStanding(standing: Standing, failed: boolean, { failuresToFail, successesToRecover }: Hysteresis): Standing {
  const failures = failed ? standing.failures + 1 : 0;
  const successes = failed ? 0 : standing.successes + 1;
  const counts = !standing.hasSucceeded || (failed ? failures >= failuresToFail : successes >= successesToRecover);
  return { failing: counts ? failed : standing.failing, hasSucceeded: standing.hasSucceeded || !failed, failures, successes };
}
