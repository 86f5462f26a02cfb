export interface AvailabilityOptions {
  /** How long observations have to say the opposite, without one that agrees in between, until the answer changes. */
  readonly downAfterMs: number;
  readonly upAfterMs: number;
  /** While it is down, one trial is let through in this time. */
  readonly trialEveryMs: number;
  readonly onChange: (isUp: boolean, lastFailure: unknown) => void;
}

/** Whether something is up, as told by what its users see; a blip changes nothing. The first observation counts at once. */
export interface Availability {
  readonly succeeded: () => void;
  readonly failed: (error: unknown) => void;
  readonly isUp: () => boolean;
  /** Whether a call is worth making: always while it is up, now and then while it is down. */
  readonly admits: () => boolean;
  /** From now on nothing changes. */
  readonly close: () => void;
}

export function watchAvailability({ downAfterMs, upAfterMs, trialEveryMs, onChange }: AvailabilityOptions): Availability {
  let up: boolean | undefined;
  let lastFailure: unknown;
  let change: NodeJS.Timeout | undefined;
  let nextTrialAt = 0;
  let closed = false;

  const turn = (seen: boolean): void => {
    change = undefined;
    up = seen;
    onChange(seen, lastFailure);
  };
  const observe = (seen: boolean): void => {
    if (closed) return;
    if (up === undefined) {
      turn(seen);
    } else if (seen === up) {
      clearTimeout(change);
      change = undefined;
    } else {
      change ??= setTimeout(turn, seen ? upAfterMs : downAfterMs, seen).unref();
    }
  };
  return {
    succeeded: () => { observe(true); },
    failed: (error) => {
      lastFailure = error;
      observe(false);
    },
    isUp: () => up === true,
    admits: () => {
      if (up !== false) return true;
      const now = performance.now();
      if (now < nextTrialAt) return false;
      nextTrialAt = now + trialEveryMs;
      return true;
    },
    close: () => {
      closed = true;
      clearTimeout(change);
    },
  };
}
