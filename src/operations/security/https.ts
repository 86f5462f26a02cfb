import type { ServiceContext, ServiceMiddleware } from '../http/service.ts';
import { securityErrors } from './security-errors.ts';

/**
 * Lets only HTTPS through. A person who asks for a page over plain HTTP is redirected (308); everything else is refused
 * (HTTPS_REQUIRED, 403): redirecting a program would hide that it sends its token in clear (OWASP ASVS 5, 12.2).
 * Behind a proxy, `trustProxy` tells what the client used. The host must have been checked before.
 */
export function requireHttps(): ServiceMiddleware {
  return (ctx, next) => {
    if (ctx.secure) return next();
    if (!asksForPage(ctx)) throw securityErrors.HTTPS_REQUIRED({});
    ctx.status = 308;
    // Without the port: the one of plain HTTP is not the one of HTTPS.
    ctx.redirect(`https://${ctx.hostname}${ctx.originalUrl}`);
    return undefined;
  };
}

/** Browsers name text/html when they open a page; programs, even those that take anything, do not. */
function asksForPage(ctx: ServiceContext): boolean {
  const isRead = ctx.method === 'GET' || ctx.method === 'HEAD';
  return isRead && ctx.get('Authorization') === '' && ctx.get('Accept').includes('text/html');
}
