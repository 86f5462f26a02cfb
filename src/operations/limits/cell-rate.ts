import type { RateLimit, RateLimitResult } from './rate-limit-store.ts';

/**
 * The generic cell rate algorithm (ITU-T I.371): of each caller one number is kept, the moment at which all of its
 * limit is there again. Times in milliseconds. `allAt` of the result is what to keep; redis-rate-limit-store.ts does the
 * same sum inside Redis.
 */
export function takeCell(keptAllAt: number | undefined, now: number, limit: RateLimit): { allowed: boolean; allAt: number } {
  const next = Math.max(keptAllAt ?? 0, now) + (limit.windowSeconds * 1000) / limit.limit;
  const allowed = next - now <= limit.windowSeconds * 1000;
  return { allowed, allAt: allowed ? next : Math.max(keptAllAt ?? 0, now) };
}

export function resultOf(allowed: boolean, untilAllMs: number, { limit, windowSeconds }: RateLimit): RateLimitResult {
  const windowMs = windowSeconds * 1000;
  const eachMs = windowMs / limit;
  return {
    allowed,
    limit,
    // A hair's breadth, so that a whole number of cells is not rounded down.
    remaining: Math.max(0, Math.floor((windowMs - untilAllMs) / eachMs + 1e-6)),
    resetSeconds: untilAllMs / 1000,
    retryAfterSeconds: allowed ? 0 : (untilAllMs + eachMs - windowMs) / 1000,
  };
}
