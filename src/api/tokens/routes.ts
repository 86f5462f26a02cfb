import type { Router } from '@koa/router';
import { createToken, listTokens, revokeToken } from '../../catalog/tokens.ts';
import { httpErrors } from '../../operations/http/http-errors.ts';
import type { ServiceState } from '../../operations/http/service.ts';
import { validate } from '../../operations/http/validate.ts';
import { reaches, requireAccess } from '../access.ts';
import type { ApiDependencies } from '../api-dependencies.ts';
import { audited } from '../auditing.ts';
import { waitingOf } from '../../operations/http/waiting.ts';
import { presentToken } from './presenter.ts';
import { TokenCreation, TokenId, TokenList } from './schema.ts';

const reading = { role: 'viewer', scope: 'tokens:read' } as const;
const writing = { role: 'viewer', scope: 'tokens:write' } as const;
const dayMs = 86_400_000;

/** API tokens: everybody's own, and for administrators all. */
export function addTokenRoutes(router: Router<ServiceState>, dependencies: ApiDependencies): void {
  router.get('/api/v1/tokens', async (ctx) => {
    const principal = requireAccess(ctx, reading);
    const { all, ...page } = validate(TokenList, { ...ctx.query });
    if (all && !reaches(principal.role, 'admin')) throw httpErrors.ACCESS_DENIED({});
    const { items, next } = await listTokens(dependencies, { ...page, accountId: all ? undefined : principal.id }, waitingOf(ctx));
    ctx.body = { items: items.map(presentToken), next };
  });

  router.post('/api/v1/tokens', async (ctx) => {
    const principal = requireAccess(ctx, writing);
    // Who took a token must not be able to make another of it that outlives it.
    if (principal.via === 'token') throw httpErrors.ACCESS_DENIED({});
    const { expiresInDays, role = principal.role, ...wanted } = validate(TokenCreation, ctx.request.body);
    if (!reaches(principal.role, role)) throw httpErrors.ACCESS_DENIED({});
    const details = { role, scopes: wanted.scopes.join(' '), days: expiresInDays };
    const { secret, token } = await audited(dependencies, ctx, { action: 'token.create', object: `account:${principal.id}`, details }, async () =>
      createToken(dependencies, { ...wanted, role, accountId: principal.id, expiresAt: new Date(dependencies.now().getTime() + expiresInDays * dayMs) }, waitingOf(ctx)),
    );
    ctx.status = 201;
    ctx.body = { ...presentToken(token), secret };
  });

  router.delete('/api/v1/tokens/:id', async (ctx) => {
    const principal = requireAccess(ctx, writing);
    const { id } = validate(TokenId, ctx.params);
    const accountId = reaches(principal.role, 'admin') ? undefined : principal.id;
    await audited(dependencies, ctx, { action: 'token.revoke', object: `token:${id}` }, async () => revokeToken(dependencies, id, { accountId }, waitingOf(ctx)));
    ctx.status = 204;
  });
}
