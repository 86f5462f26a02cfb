import type { ServiceMiddleware } from '../http/service.ts';
import { securityErrors } from './security-errors.ts';

/**
 * Refuses a request that names another host than those allowed (HOST_NOT_ALLOWED, 400): links in answers, redirects and
 * the own origin are made from the Host header, which whoever sends a request chooses. Refused as well: no host, several
 * of them, and a request line that names a host of its own. Patterns as in `Hardening.allowedHosts`; ports are not compared.
 */
export function allowedHosts(patterns: readonly string[]): ServiceMiddleware {
  const isAllowed = hostMatcher(patterns);
  return (ctx, next) => {
    if (!isAllowed(ctx.host) || namesSeveralHosts(ctx.req.rawHeaders) || hasOwnHost(ctx.originalUrl)) {
      throw securityErrors.HOST_NOT_ALLOWED({});
    }
    return next();
  };
}

/** Whether a Host header's value (`name`, `name:port`, `[::1]:port`) matches one of the patterns. */
export function hostMatcher(patterns: readonly string[]): (host: string) => boolean {
  const exact = new Set(patterns.map((pattern) => pattern.toLowerCase().replace(/^\./, '')));
  const suffixes = patterns.filter((pattern) => pattern.startsWith('.')).map((pattern) => pattern.toLowerCase());
  const all = exact.delete('*');
  return (host) => {
    // A pattern is a host name: what equals one needs no look at its syntax.
    if (exact.has(host)) return true;
    const name = nameOf(host);
    if (name === undefined) return false;
    return all || exact.has(name) || suffixes.some((suffix) => name.endsWith(suffix));
  };
}

/** Host names, IPv4 and bracketed IPv6 addresses, with a port or without: all else is no host (RFC 9110 §7.2). */
const hostSyntax = /^(\[[\da-f:.]+\]|[\da-z_-]+(?:\.[\da-z_-]+)*)\.?(?::\d{1,5})?$/;

function nameOf(host: string): string | undefined {
  return hostSyntax.exec(host.toLowerCase())?.[1];
}

/** Node keeps the first of several Host headers; a proxy before it may have looked at another one. */
function namesSeveralHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1;
}

/** `GET http://other.example/ HTTP/1.1`: the form for proxies, which this service is not. */
function hasOwnHost(target: string): boolean {
  return !target.startsWith('/') && target !== '*';
}
