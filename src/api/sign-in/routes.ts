import type { Router } from '@koa/router';
import { findAccount } from '../../catalog/accounts.ts';
import { accountErrors } from '../../catalog/account-errors.ts';
import { changePassword } from '../../catalog/sign-in.ts';
import type { ServiceState } from '../../operations/http/service.ts';
import { validate } from '../../operations/http/validate.ts';
import { presentAccount } from '../accounts/presenter.ts';
import { requireAccess } from '../access.ts';
import type { ApiDependencies } from '../api-dependencies.ts';
import { audited } from '../auditing.ts';
import { waitingOf } from '../../operations/http/waiting.ts';
import { Credentials, PasswordChange } from './schema.ts';
import { signInByPassword, signOut } from './sign-in.ts';

/** Signing in and out, and one's own account. */
export function addSignInRoutes(router: Router<ServiceState>, dependencies: ApiDependencies): void {
  router.post('/api/v1/sign-in', async (ctx) => {
    const account = await signInByPassword(dependencies, ctx, validate(Credentials, ctx.request.body));
    ctx.body = { account: presentAccount(account) };
  });

  router.post('/api/v1/sign-out', async (ctx) => {
    await signOut(dependencies, ctx);
    ctx.status = 204;
  });

  router.get('/api/v1/me', async (ctx) => {
    const principal = requireAccess(ctx, { role: 'viewer', scope: 'profile:read' });
    const account = await findAccount(dependencies, principal.id, waitingOf(ctx));
    if (account === undefined) throw accountErrors.ACCOUNT_UNKNOWN({});
    // A browser's program sends the token back with what changes something (X-CSRF-Token).
    ctx.body = { account: presentAccount(account), role: principal.role, ...(principal.via === 'session' && { csrfToken: dependencies.csrf.token(ctx) }) };
  });

  router.put('/api/v1/me/password', async (ctx) => {
    const principal = requireAccess(ctx, { role: 'viewer', scope: 'profile:write' });
    const change = validate(PasswordChange, ctx.request.body);
    await audited(dependencies, ctx, { action: 'account.password', object: `account:${principal.id}` }, async () => {
      // Its guesses are slowed down like those of sign-in: an open session must not be a way around.
      await dependencies.signInLimiter.begin(ctx, principal.name);
      await changePassword(dependencies, principal.id, change, waitingOf(ctx));
      await dependencies.signInLimiter.succeeded(ctx, principal.name);
      await dependencies.sessions.signOutEverywhere(principal.id, waitingOf(ctx));
      if (principal.via === 'session') await dependencies.sessions.signIn(ctx, principal);
    });
    ctx.status = 204;
  });
}
