import type { Hardening } from './hardening.ts';

/** A cookie's name and its attributes as `ctx.cookies.set` takes them. */
export interface CookieDefinition {
  readonly name: string;
  readonly attributes: {
    readonly path: '/';
    readonly httpOnly: boolean;
    readonly secure: boolean;
    readonly sameSite: 'lax' | 'strict' | 'none';
    /** Koa's own signature (SHA-1, in a second cookie) is not used: a session's id is random, the CSRF token signed by `Signer`. */
    readonly signed: false;
    /** A later value in the same answer replaces an earlier one. */
    readonly overwrite: true;
  };
}

export interface ServiceCookies {
  readonly session: CookieDefinition;
  readonly csrf: CookieDefinition;
}

/**
 * The service's cookies. Secure ones bear the prefix `__Host-`: browsers then take them only over HTTPS, from this very
 * host, for all of it, so that no neighbouring subdomain can plant one. Both are out of reach of scripts.
 */
export function cookiesOf({ sessionCookieSecure, csrfCookieSecure }: Hardening): ServiceCookies {
  return {
    // Lax: a link from a mail or a chat opens the page signed in.
    session: cookie('session', sessionCookieSecure, 'lax'),
    csrf: cookie('csrf', csrfCookieSecure, 'strict'),
  };
}

function cookie(name: string, secure: boolean, sameSite: 'lax' | 'strict'): CookieDefinition {
  return {
    name: secure ? `__Host-${name}` : name,
    attributes: { path: '/', httpOnly: true, secure, sameSite, signed: false, overwrite: true },
  };
}
