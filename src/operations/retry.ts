import { setTimeout as sleep } from 'node:timers/promises';

export interface RetryOptions {
  readonly signal: AbortSignal;
  /** Calls in all, the first included. */
  readonly attempts: number;
  /** Upper bound of the first wait in milliseconds; it doubles with each attempt, up to `maxDelayMs`. */
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** Whether this failure may pass when the call is made again. */
  readonly isRetryable: (error: unknown) => boolean;
  readonly onRetry?: (error: unknown, attempt: number) => void;
}

/** Calls `work` until it succeeds, waiting with full jitter in between. Rethrows the last failure as it came. */
export async function retry<Result>(work: (attempt: number) => Promise<Result>, options: RetryOptions): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    options.signal.throwIfAborted();
    try {
      return await work(attempt);
    } catch (error) {
      if (attempt >= options.attempts || options.signal.aborted || !options.isRetryable(error)) throw error;
      options.onRetry?.(error, attempt);
      const bound = Math.min(options.maxDelayMs, options.firstDelayMs * 2 ** (attempt - 1));
      await sleep(Math.random() * bound, undefined, { signal: options.signal });
    }
  }
}
