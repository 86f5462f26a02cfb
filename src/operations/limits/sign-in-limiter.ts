import { createHash } from 'node:crypto';
import type { ServiceContext } from '../http/service.ts';
import type { AttemptPolicy, AttemptStore } from './attempt-store.ts';
import { networkOf } from './caller.ts';
import { limitErrors } from './limit-errors.ts';

/**
 * Five minutes at most: whoever guesses on makes 300 guesses a day, while the owner, whom the same wait keeps out,
 * is not kept out for hours by somebody who only knows a name.
 */
const accountPolicy: AttemptPolicy = { free: 5, maxWaitSeconds: 300, forgetSeconds: 24 * 3600 };
/** Many people may share an address. */
const addressPolicy: AttemptPolicy = { free: 20, maxWaitSeconds: 900, forgetSeconds: 3600 };

export interface SignInPolicies {
  readonly account: AttemptPolicy;
  readonly address: AttemptPolicy;
}

/** Slows down guessing of passwords, by account (also ones that do not exist) and by network. */
export interface SignInLimiter {
  /**
   * To be called before the password is looked at. Throws SIGN_IN_TOO_OFTEN (429) and sets Retry-After. It fails closed:
   * what the store throws when it is away (503) passes, and nobody signs in meanwhile.
   */
  begin(ctx: ServiceContext, account: string): Promise<void>;
  /** To be called when the password was right: only attempts that fail count. */
  succeeded(ctx: ServiceContext, account: string): Promise<void>;
}

export function createSignInLimiter({ store, policies = { account: accountPolicy, address: addressPolicy } }: {
  readonly store: AttemptStore;
  readonly policies?: SignInPolicies;
}): SignInLimiter {
  const begin = async (ctx: ServiceContext, key: string, policy: AttemptPolicy): Promise<void> => {
    const wait = Math.ceil(await store.begin(key, policy));
    if (wait === 0) return;
    ctx.set('Retry-After', String(wait));
    throw limitErrors.SIGN_IN_TOO_OFTEN({ waitSeconds: wait });
  };
  return {
    begin: async (ctx, account) => {
      await begin(ctx, addressKey(ctx), policies.address);
      await begin(ctx, accountKey(account), policies.account);
    },
    succeeded: async (ctx, account) => {
      await store.reset(accountKey(account));
      // Not reset: an account of one's own must not buy guesses at others'.
      await store.undo(addressKey(ctx));
    },
  };
}

function addressKey(ctx: ServiceContext): string {
  return `sign-in:address:${networkOf(ctx.ip)}`;
}

/** Hashed: people type their password where the name belongs, and of any length. */
function accountKey(account: string): string {
  return `sign-in:account:${createHash('sha256').update(account.normalize('NFKC').trim().toLowerCase()).digest('base64url')}`;
}
