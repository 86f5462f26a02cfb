import type { Router } from '@koa/router';
import { changeAccount, createAccount, deleteAccount, findAccount, listAccounts } from '../../catalog/accounts.ts';
import { accountErrors } from '../../catalog/account-errors.ts';
import { setPassword } from '../../catalog/sign-in.ts';
import type { ServiceState } from '../../operations/http/service.ts';
import { validate } from '../../operations/http/validate.ts';
import { requireAccess } from '../access.ts';
import type { ApiDependencies } from '../api-dependencies.ts';
import { audited } from '../auditing.ts';
import { waitingOf } from '../../operations/http/waiting.ts';
import { presentAccount } from './presenter.ts';
import { AccountChanges, AccountCreation, AccountId, AccountList, NewPassword } from './schema.ts';

const reading = { role: 'admin', scope: 'accounts:read' } as const;
const writing = { role: 'admin', scope: 'accounts:write' } as const;

/** The accounts, for administrators. */
export function addAccountRoutes(router: Router<ServiceState>, dependencies: ApiDependencies): void {
  router.get('/api/v1/accounts', async (ctx) => {
    requireAccess(ctx, reading);
    const { items, next } = await listAccounts(dependencies, validate(AccountList, { ...ctx.query }), waitingOf(ctx));
    ctx.body = { items: items.map(presentAccount), next };
  });

  router.post('/api/v1/accounts', async (ctx) => {
    requireAccess(ctx, writing);
    const creation = validate(AccountCreation, ctx.request.body);
    const { language, ...wanted } = creation;
    const account = await audited(dependencies, ctx, { action: 'account.create', object: 'account:new', details: { role: wanted.role } }, async () =>
      createAccount(dependencies, { ...wanted, ...(language !== undefined && { language }) }, waitingOf(ctx)),
    );
    ctx.status = 201;
    ctx.set('Location', `/api/v1/accounts/${account.id}`);
    ctx.body = presentAccount(account);
  });

  router.get('/api/v1/accounts/:id', async (ctx) => {
    requireAccess(ctx, reading);
    const { id } = validate(AccountId, ctx.params);
    const account = await findAccount(dependencies, id, waitingOf(ctx));
    if (account === undefined) throw accountErrors.ACCOUNT_UNKNOWN({});
    ctx.body = presentAccount(account);
  });

  router.patch('/api/v1/accounts/:id', async (ctx) => {
    requireAccess(ctx, writing);
    const { id } = validate(AccountId, ctx.params);
    const { role, disabled, language } = validate(AccountChanges, ctx.request.body);
    const changes = { ...(role !== undefined && { role }), ...(disabled !== undefined && { disabled }), ...(language !== undefined && { language }) };
    ctx.body = presentAccount(
      await audited(dependencies, ctx, { action: 'account.change', object: `account:${id}`, details: changes }, async () => {
        const account = await changeAccount(dependencies, id, changes, waitingOf(ctx));
        // Sessions know the role of their beginning.
        if (role !== undefined || disabled !== undefined) await dependencies.sessions.signOutEverywhere(id, waitingOf(ctx));
        return account;
      }),
    );
  });

  router.put('/api/v1/accounts/:id/password', async (ctx) => {
    requireAccess(ctx, writing);
    const { id } = validate(AccountId, ctx.params);
    const { password } = validate(NewPassword, ctx.request.body);
    await audited(dependencies, ctx, { action: 'account.password', object: `account:${id}` }, async () => {
      await setPassword(dependencies, id, password, waitingOf(ctx));
      await dependencies.sessions.signOutEverywhere(id, waitingOf(ctx));
    });
    ctx.status = 204;
  });

  router.delete('/api/v1/accounts/:id', async (ctx) => {
    requireAccess(ctx, writing);
    const { id } = validate(AccountId, ctx.params);
    await audited(dependencies, ctx, { action: 'account.delete', object: `account:${id}` }, async () => {
      await deleteAccount(dependencies, id, waitingOf(ctx));
      await dependencies.sessions.signOutEverywhere(id, waitingOf(ctx));
    });
    ctx.status = 204;
  });
}
