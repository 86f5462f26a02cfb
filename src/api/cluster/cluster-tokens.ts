import { isOwnToken } from '../../catalog/tokens.ts';
import { waitingOf } from '../../operations/http/waiting.ts';
import { networkOf } from '../../operations/limits/caller.ts';
import { limitErrors } from '../../operations/limits/limit-errors.ts';
import type { RateLimitStore } from '../../operations/limits/rate-limit-store.ts';
import type { VerifyToken } from '../access.ts';
import { principalOf } from './cluster-user.ts';
import type { Reviews } from './reviews.ts';

interface Reviewing {
  readonly reviews: Reviews;
  readonly rateLimits: RateLimitStore;
  /** Of tokens that one network may have reviewed; those that were a moment ago do not count. */
  readonly ratePerMinute: number;
}

const windowSeconds = 60;

/**
 * The cluster's tokens (of service accounts, of people by OIDC), verified by its API server. Nobody is known before, so that it is here
 * that whoever sends one made-up token after the other is kept from the API server: throws RATE_LIMITED.
 */
export function clusterTokens({ reviews, rateLimits, ratePerMinute: limit }: Reviewing): VerifyToken {
  return async (secret, ctx) => {
    // Ours are not shown to the API server, whose audit may keep them.
    if (isOwnToken(secret)) return undefined;
    const admit = async (): Promise<void> => {
      const { allowed, retryAfterSeconds } = await rateLimits.take(`token-reviews:${networkOf(ctx.ip)}`, { limit, windowSeconds });
      if (!allowed) throw limitErrors.RATE_LIMITED({ limit, windowSeconds, waitSeconds: Math.ceil(retryAfterSeconds) });
    };
    const user = await reviews.userOf(secret, { ...waitingOf(ctx), admit });
    return user && { principal: principalOf(user), scopes: [] };
  };
}
