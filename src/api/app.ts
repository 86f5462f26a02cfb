import { Router } from '@koa/router';
import Koa from 'koa';
import { readBody } from '../operations/http/body.ts';
import { handleErrors, recordAppErrors } from '../operations/http/handle-errors.ts';
import { pageStyleSource } from '../operations/http/page.ts';
import { requestContext } from '../operations/http/request-context.ts';
import { routeRequests } from '../operations/http/route-requests.ts';
import type { ServiceState } from '../operations/http/service.ts';
import { rateLimit } from '../operations/limits/rate-limit.ts';
import { httpMetrics } from '../operations/metrics/http-metrics.ts';
import { hardenApp } from '../operations/security/harden-app.ts';
import { addAboutRoutes } from './about/routes.ts';
import { authenticateTokens } from './access.ts';
import { addAccountRoutes } from './accounts/routes.ts';
import type { ApiDependencies } from './api-dependencies.ts';
import { addAuditRoutes } from './audit/routes.ts';
import { addConsoleRoutes } from './console/routes.ts';
import { addSignInRoutes } from './sign-in/routes.ts';
import { addTokenRoutes } from './tokens/routes.ts';

export interface App {
  readonly koa: Koa<ServiceState>;
  /** Every route, for the management port. */
  routes(): readonly { readonly method: string; readonly path: string }[];
}

/**
 * The application. The order is the point: what comes first sees the answers of all that follows, refusals included. The context and
 * the measuring see everything; errors are answered inside of them; then what needs no body (host, HTTPS), the body, who it
 * is, whether a foreign page sent it, whether it is too much, and at last the route.
 */
export function createApp(dependencies: ApiDependencies): App {
  const { catalog, csrf, hardening, log, now, ratePerMinute, rateLimits, registry, sessions, tracking } = dependencies;
  const router = createRoutes(dependencies);
  const koa = new Koa<ServiceState>();
  recordAppErrors(koa, { log, report: tracking.report });
  for (const middleware of tracking.middleware) koa.use(middleware);
  koa.use(requestContext({ log }));
  koa.use(httpMetrics(registry));
  koa.use(handleErrors({ report: tracking.report }));
  hardenApp(koa, hardening, { styleSources: [pageStyleSource()] });
  koa.use(readBody());
  koa.use(sessions.middleware);
  koa.use(authenticateTokens({ catalog, now }));
  koa.use(csrf.protect);
  koa.use(rateLimit({ name: 'requests', limit: ratePerMinute, windowSeconds: 60, store: rateLimits }));
  koa.use(routeRequests(router));
  return { koa, routes: () => router.stack.flatMap(({ methods, path }) => methods.map((method) => ({ method, path: String(path) }))) };
}

function createRoutes(dependencies: ApiDependencies): Router<ServiceState> {
  const router = new Router<ServiceState>();
  for (const add of [addAboutRoutes, addConsoleRoutes, addSignInRoutes, addAccountRoutes, addTokenRoutes, addAuditRoutes]) add(router, dependencies);
  return router;
}
