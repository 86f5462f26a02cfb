import { type Account, findAccountByName } from '../../catalog/accounts.ts';
import { signIn } from '../../catalog/sign-in.ts';
import type { ServiceContext } from '../../operations/http/service.ts';
import type { ApiDependencies } from '../api-dependencies.ts';
import { audited } from '../auditing.ts';
import { waitingOf } from '../../operations/http/waiting.ts';

/**
 * Signs in by name and password and begins a session. Throws SIGN_IN_REFUSED, SIGN_IN_TOO_OFTEN, and what the limiter's
 * store throws while it is away: then nobody signs in.
 */
export async function signInByPassword(dependencies: ApiDependencies, ctx: ServiceContext, credentials: { readonly name: string; readonly password: string }): Promise<Account> {
  const { sessions, signInLimiter } = dependencies;
  const waiting = waitingOf(ctx);
  await signInLimiter.begin(ctx, credentials.name);
  // People type their password where the name belongs: only a name that exists is written down.
  const known = await findAccountByName(dependencies, credentials.name, waiting);
  const actor = known === undefined ? { name: 'unknown' } : { id: known.id, name: known.name };
  return audited(dependencies, ctx, { action: 'session.begin', object: known ? `account:${known.id}` : 'account:unknown', actor }, async () => {
    const account = await signIn(dependencies, credentials, waiting);
    await signInLimiter.succeeded(ctx, credentials.name);
    await sessions.signIn(ctx, account);
    return account;
  });
}

/** Ends the session that the request came with, if any. */
export async function signOut(dependencies: ApiDependencies, ctx: ServiceContext): Promise<void> {
  const { principal } = ctx.state;
  if (principal === undefined || principal.via === 'token') return;
  await audited(dependencies, ctx, { action: 'session.end', object: `account:${principal.id}`, actor: principal }, async () => dependencies.sessions.signOut(ctx));
}
