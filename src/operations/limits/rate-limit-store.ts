/** At most `limit` at once, after which they come back evenly, `limit` in each window. */
export interface RateLimit {
  readonly limit: number;
  readonly windowSeconds: number;
}

export interface RateLimitResult {
  readonly allowed: boolean;
  readonly limit: number;
  /** How many would be allowed right now. */
  readonly remaining: number;
  /** Until all of the limit is there again, if nothing more is taken. */
  readonly resetSeconds: number;
  /** Until the next one is allowed; 0 when this one was. */
  readonly retryAfterSeconds: number;
}

/** Counts what callers take of their limits. A refusal takes nothing. */
export interface RateLimitStore {
  take(key: string, limit: RateLimit): Promise<RateLimitResult>;
}
