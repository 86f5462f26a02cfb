import { randomBytes } from 'node:crypto';
import type { ServiceContext, ServiceMiddleware } from '../http/service.ts';
import type { ServiceCookies } from './cookies.ts';
import { securityErrors } from './security-errors.ts';
import { createSigner } from './signer.ts';

/** The form field and the header that carry the token. */
export const csrfField = '_csrf';
export const csrfHeader = 'X-CSRF-Token';

export interface Csrf {
  /** Refuses what another site's page makes a browser send. Stands behind the body, the session and token sign-in. */
  readonly protect: ServiceMiddleware;
  /** The token that a page of this answer puts into its forms. Sets the CSRF cookie where there is neither one nor a session. */
  readonly token: (ctx: ServiceContext) => string;
}

/**
 * Protects what browsers do by cookie. Safe methods pass, and so does a caller who showed an API token: no other site can
 * make a browser send that. Every other request
 * - must not come from a foreign page, by Sec-Fetch-Site or else Origin (CSRF_ORIGIN_REFUSED);
 * - must, if it carries one of the service's cookies, carry a token that was made for its session (CSRF_TOKEN_REFUSED).
 *
 * The token signs the session's cookie (OWASP's HMAC-based token) and ends with the session. Where nobody is signed in, as on
 * the sign-in page, a random CSRF cookie stands for the session (signed double submit). A salt makes it a different one each
 * time, so that compression gives none of it away.
 */
export function createCsrf({ secretKeys, cookies, trustedOrigins }: {
  readonly secretKeys: readonly string[];
  readonly cookies: ServiceCookies;
  readonly trustedOrigins: readonly string[];
}): Csrf {
  const signer = createSigner(secretKeys, 'csrf');
  const trusted = new Set(trustedOrigins);
  const cookieGiven = new WeakMap<object, string>();

  /** Only a session that lives: the cookie of one that is over is being taken away by this very answer. */
  const sessionOf = (ctx: ServiceContext) => (ctx.state.principal?.via === 'session' ? ctx.cookies.get(cookies.session.name) : undefined);
  const cookieOf = (ctx: ServiceContext) => cookieGiven.get(ctx.req) ?? ctx.cookies.get(cookies.csrf.name);

  function giveCookie(ctx: ServiceContext): string {
    const made = randomBytes(32).toString('base64url');
    ctx.cookies.set(cookies.csrf.name, made, cookies.csrf.attributes);
    cookieGiven.set(ctx.req, made);
    return made;
  }

  function isTokenFor(ctx: ServiceContext, token: string): boolean {
    const [salt = '', signature = ''] = token.split('.');
    const [session, cookie] = [sessionOf(ctx), cookieOf(ctx)];
    if (session === undefined && cookie === undefined) return false;
    return signer.verify(signedText(salt, session, cookie), signature);
  }

  return {
    protect: (ctx, next) => {
      if (isSafe(ctx.method) || ctx.state.principal?.via === 'token') return next();
      if (!comesFromOwnPage(ctx, trusted)) throw securityErrors.CSRF_ORIGIN_REFUSED({});
      const bringsCookies = [cookies.session, cookies.csrf].some(({ name }) => ctx.cookies.get(name) !== undefined);
      if (bringsCookies && !isTokenFor(ctx, tokenIn(ctx))) throw securityErrors.CSRF_TOKEN_REFUSED({});
      return next();
    },
    token: (ctx) => {
      const salt = randomBytes(12).toString('base64url');
      const session = sessionOf(ctx);
      const cookie = session === undefined ? (cookieOf(ctx) ?? giveCookie(ctx)) : undefined;
      return `${salt}.${signer.sign(signedText(salt, session, cookie))}`;
    },
  };
}

/** The cookie counts only where there is no session: it is Strict, so a link from elsewhere arrives without it and would change it under other tabs. */
function signedText(salt: string, session: string | undefined, cookie: string | undefined): string {
  return session === undefined ? `${salt};cookie;${cookie ?? ''}` : `${salt};session;${session}`;
}

/** By RFC 9110 §9.2.1 these change nothing. */
function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

/**
 * Browsers tell where a request comes from, and pages cannot change what they tell. What tells nothing is no browser of
 * the last years: then the token alone decides.
 */
function comesFromOwnPage(ctx: ServiceContext, trusted: ReadonlySet<string>): boolean {
  const origin = ctx.get('Origin');
  if (trusted.has(origin)) return true;
  const site = ctx.get('Sec-Fetch-Site');
  if (site !== '') return site === 'same-origin' || site === 'none';
  // Not `ctx.origin`, which is the header itself.
  return origin === '' || origin === `${ctx.protocol}://${ctx.host}`;
}

function tokenIn(ctx: ServiceContext): string {
  const inHeader = ctx.get(csrfHeader);
  if (inHeader !== '') return inHeader;
  const { body } = ctx.request as { body?: unknown };
  const inForm = typeof body === 'object' && body !== null && csrfField in body ? body[csrfField] : undefined;
  return typeof inForm === 'string' ? inForm : '';
}
