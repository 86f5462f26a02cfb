import type { Router } from '@koa/router';
import Koa from 'koa';
import type { Registry } from 'prom-client';
import type { ServiceIdentity } from './health/health-document.ts';
import { healthHandler } from './health/health-handler.ts';
import type { Health } from './health/health.ts';
import { readBody } from './http/body.ts';
import { type CataloguedFamily, errorCatalogue } from './http/error-catalogue.ts';
import { errorCatalogueRoute } from './http/error-catalogue-route.ts';
import { handleErrors, recordAppErrors } from './http/handle-errors.ts';
import { pageStyleSource } from './http/page.ts';
import { requestContext } from './http/request-context.ts';
import { routeRequests } from './http/route-requests.ts';
import type { ServiceContext, ServiceMiddleware, ServiceState } from './http/service.ts';
import { networkOf } from './limits/caller.ts';
import { createMemoryRateLimitStore } from './limits/memory-rate-limit-store.ts';
import type { RateLimitStore } from './limits/rate-limit-store.ts';
import { rateLimit } from './limits/rate-limit.ts';
import type { Logger } from './logging.ts';
import { httpMetrics } from './metrics/http-metrics.ts';
import { operationalFamilies } from './operational-families.ts';
import type { Csrf } from './security/csrf.ts';
import { hardenApp } from './security/harden-app.ts';
import type { Hardening } from './security/hardening.ts';
import { robotsHandler, robotsPath, securityTxtHandler, securityTxtPath } from './security/security-txt.ts';
import type { ErrorTracking } from './sentry/error-tracking.ts';

export interface ApplicationOptions {
  /** The service's own routes. Those that tell of the service are added: health, errors, robots.txt, security.txt. */
  readonly router: Router<ServiceState>;
  /** The families that its routes answer with, for the catalogue at `/errors`. */
  readonly errorFamilies: readonly CataloguedFamily[];
  /** What finds out who makes a request: sessions, tokens. */
  readonly signIn: readonly ServiceMiddleware[];
  readonly csrf: Csrf;
  readonly rateLimits: RateLimitStore;
  /** Requests a minute of one caller. */
  readonly ratePerMinute: number;
  readonly health: Health;
  readonly identity: ServiceIdentity;
  readonly hardening: Hardening;
  readonly registry: Registry;
  readonly tracking: ErrorTracking;
  readonly log: Logger;
}

export interface Application {
  readonly koa: Koa<ServiceState>;
  /** Every route, for the management port. */
  routes(): readonly { readonly method: string; readonly path: string }[];
}

/**
 * A Koa application with the whole treatment. The order is the point: what comes first sees the answers of all that follows, refusals
 * included. The context and the measuring see everything; errors are answered inside of them; then what needs no body
 * (host, HTTPS), the body, whether its address asks for too many, who it is, whether a foreign page sent it, whether it is too much, and at last the route.
 */
export function createApplication({ csrf, hardening, log, ratePerMinute, rateLimits, registry, signIn, tracking, ...routing }: ApplicationOptions): Application {
  const { router } = routing;
  addAboutRoutes({ hardening, ...routing });
  const koa = new Koa<ServiceState>();
  recordAppErrors(koa, { log, report: tracking.report });
  for (const middleware of tracking.middleware) koa.use(middleware);
  koa.use(requestContext({ log }));
  koa.use(httpMetrics(registry));
  koa.use(handleErrors({ report: tracking.report }));
  hardenApp(koa, hardening, { styleSources: [pageStyleSource()] });
  koa.use(readBody());
  koa.use(rateLimit({ name: 'credentials', limit: callersOfAnAddress * ratePerMinute, windowSeconds: 60, store: createMemoryRateLimitStore(), keyOf: addressOfCredentials }));
  for (const middleware of signIn) koa.use(middleware);
  koa.use(csrf.protect);
  koa.use(rateLimit({ name: 'requests', limit: ratePerMinute, windowSeconds: 60, store: rateLimits }));
  koa.use(routeRequests(router));
  return { koa, routes: () => router.stack.flatMap(({ methods, path }) => methods.map((method) => ({ method, path: String(path) }))) };
}

/** People and programs behind one address share a limit of this many times a caller's before they are looked up and known apart. */
const callersOfAnAddress = 20;

/** Where a request comes from that somebody has to be looked up for: made-up tokens and cookies would ask the database without end. */
function addressOfCredentials({ ip, headers }: ServiceContext): string | undefined {
  return headers.authorization === undefined && headers.cookie === undefined ? undefined : networkOf(ip);
}

/** What the service tells of itself, to anybody. */
function addAboutRoutes({ router, health, identity, errorFamilies, hardening }: Pick<ApplicationOptions, 'router' | 'health' | 'identity' | 'errorFamilies' | 'hardening'>): void {
  router.get('/core/health', healthHandler(health, identity));
  router.get('/errors', errorCatalogueRoute(errorCatalogue([...operationalFamilies, ...errorFamilies])));
  router.get(robotsPath, robotsHandler());
  if (hardening.securityTxt !== undefined) router.get(securityTxtPath, securityTxtHandler(hardening.securityTxt));
}
