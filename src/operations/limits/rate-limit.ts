import type { ServiceContext, ServiceMiddleware } from '../http/service.ts';
import type { WithFallback } from '../redis/with-fallback.ts';
import { callerOf } from './caller.ts';
import { limitErrors } from './limit-errors.ts';
import type { RateLimit, RateLimitStore } from './rate-limit-store.ts';

export interface RateLimitOptions extends RateLimit {
  /** What clients see the limit called: lower-case letters, digits, `-` and `_`. */
  readonly name: string;
  readonly store: RateLimitStore;
  /** Under which key a request counts, `undefined` for one that does not. By default who makes it, else its network. */
  readonly keyOf?: (ctx: ServiceContext) => string | undefined;
}

/**
 * Refuses with RATE_LIMITED (429) what is more than the limit. Every answer says what is left, in the fields of
 * draft-ietf-httpapi-ratelimit-headers-11 (`RateLimit-Policy: "api";q=100;w=60`, `RateLimit: "api";r=99;t=1`); a refusal has
 * `Retry-After` too. Several limits on one route add up in the same fields.
 */
export function rateLimit({ name, limit, windowSeconds, store, keyOf = callerOf }: RateLimitOptions): ServiceMiddleware {
  const policy = `"${name}";q=${limit};w=${windowSeconds}`;
  return async (ctx, next) => {
    const key = keyOf(ctx);
    if (key === undefined) return next();
    const result = await store.take(`${name}:${key}`, { limit, windowSeconds });
    ctx.res.appendHeader('RateLimit-Policy', policy);
    ctx.res.appendHeader('RateLimit', `"${name}";r=${result.remaining};t=${Math.ceil(result.allowed ? result.resetSeconds : result.retryAfterSeconds)}`);
    if (result.allowed) return next();
    const waitSeconds = Math.ceil(result.retryAfterSeconds);
    ctx.set('Retry-After', String(waitSeconds));
    throw limitErrors.RATE_LIMITED({ limit, windowSeconds, waitSeconds });
  };
}

/** Counts in one store and, while that is away, in another: a limit that each replica counts for itself is better than none, or than no service. */
export function rateLimitStoreWithFallback({ store, fallback, withFallback }: {
  readonly store: RateLimitStore;
  readonly fallback: RateLimitStore;
  readonly withFallback: WithFallback;
}): RateLimitStore {
  return { take: async (key, limit) => withFallback(async () => store.take(key, limit), async () => fallback.take(key, limit)) };
}
