/** How attempts that may fail are slowed down. */
export interface AttemptPolicy {
  /** So many cost nothing; after each further one the next has to wait, one second first, then twice as long each time. */
  readonly free: number;
  readonly maxWaitSeconds: number;
  /** After so long without an attempt all is forgotten. */
  readonly forgetSeconds: number;
}

/** Counts attempts by key. An attempt counts as failed from its beginning, so that many at once gain nothing. */
export interface AttemptStore {
  /** Counts an attempt and gives 0, or counts nothing and gives the seconds until the next attempt may be made. */
  begin(key: string, policy: AttemptPolicy): Promise<number>;
  /** Takes one attempt back, and the wait that it caused. */
  undo(key: string): Promise<void>;
  /** Forgets all attempts. */
  reset(key: string): Promise<void>;
}

/** How long to wait after the `count`th attempt. */
export function waitAfter(count: number, { free, maxWaitSeconds }: AttemptPolicy): number {
  return count <= free ? 0 : Math.min(maxWaitSeconds, 2 ** (count - free - 1));
}
