import type Koa from 'koa';
import type { ServiceState } from '../http/service.ts';
import { allowedHosts } from './allowed-hosts.ts';
import type { Hardening } from './hardening.ts';
import { requireHttps } from './https.ts';
import { type PagePolicy, securityHeaders, securityHeadersOf } from './security-headers.ts';
import { trustProxy } from './trusted-proxy.ts';

/**
 * Adds what every request passes before anything reads it: what proxies say, the headers of every answer, the host, HTTPS.
 * Goes behind the error handling, which answers what is refused here, and before body and session.
 */
export function hardenApp<Context>(app: Koa<ServiceState, Context>, hardening: Hardening, pages: PagePolicy = {}): void {
  trustProxy(app, { hops: hardening.proxyHops });
  app.use(securityHeaders(securityHeadersOf(hardening, pages)));
  app.use(allowedHosts(hardening.allowedHosts));
  if (hardening.httpsRedirect) app.use(requireHttps());
}
