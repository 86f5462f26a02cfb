import { type TokensContext, verifyToken } from '../catalog/tokens.ts';
import { httpErrors } from '../operations/http/http-errors.ts';
import { type Principal, type Role, roles, type ServiceContext, type ServiceMiddleware } from '../operations/http/service.ts';
import { waitingOf } from '../operations/http/waiting.ts';

/** What a token may be made for: each area read, or read and changed. */
export const scopes = ['accounts:read', 'accounts:write', 'backups:read', 'backups:write', 'tokens:read', 'tokens:write', 'audit:read', 'profile:read', 'profile:write'] as const;
export type Scope = (typeof scopes)[number];

/** Which scopes the token of a request has; a session has all that its role allows. */
const scopesOf = new WeakMap<Principal, readonly string[]>();

const bearer = /^Bearer +([\w.~+/-]+=*)$/i;

/** Finds out who sends a token; undefined where it is not good, or of another kind. Throws a 503 error where that cannot be found out. */
export type VerifyToken = (secret: string, ctx: ServiceContext) => Promise<{ readonly principal: Principal; readonly scopes: readonly string[] } | undefined>;

/** The service's own tokens. */
export function ownTokens(context: TokensContext): VerifyToken {
  return async (secret, ctx) => verifyToken(context, secret, waitingOf(ctx));
}

/**
 * Sets `ctx.state.principal` by a token in the Authorization header, which the first that knows it verifies. One that is not good is refused
 * here (SIGN_IN_REQUIRED) and not taken for an anonymous request: its sender believes to be known.
 */
export function authenticateTokens(...verifiers: readonly VerifyToken[]): ServiceMiddleware {
  return async (ctx, next) => {
    const { authorization } = ctx.headers;
    if (authorization === undefined) return next();
    const secret = bearer.exec(authorization)?.[1];
    const verified = secret === undefined ? undefined : await verifyBy(verifiers, secret, ctx);
    if (verified === undefined) {
      ctx.set('WWW-Authenticate', 'Bearer error="invalid_token"');
      throw httpErrors.SIGN_IN_REQUIRED({});
    }
    ctx.state.principal = verified.principal;
    scopesOf.set(verified.principal, verified.scopes);
    return next();
  };
}

async function verifyBy(verifiers: readonly VerifyToken[], secret: string, ctx: ServiceContext): ReturnType<VerifyToken> {
  for (const verify of verifiers) {
    const verified = await verify(secret, ctx);
    if (verified !== undefined) return verified;
  }
  return undefined;
}

/** Who makes the request. Throws SIGN_IN_REQUIRED where that is not known, ACCESS_DENIED where role or scope are not enough. */
export function requireAccess(ctx: ServiceContext, { role, scope }: { readonly role: Role; readonly scope: Scope }): Principal {
  const { principal } = ctx.state;
  if (principal === undefined) throw httpErrors.SIGN_IN_REQUIRED({});
  const granted = scopesOf.get(principal);
  if (!reaches(principal.role, role) || (principal.via === 'token' && !granted?.includes(scope))) throw httpErrors.ACCESS_DENIED({});
  return principal;
}

/** Whether a role may do all that another may. */
export function reaches(role: Role, least: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(least);
}
