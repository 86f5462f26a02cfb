import { Router } from '@koa/router';
import Koa from 'koa';
import { handleErrors, recordAppErrors } from '../../src/operations/http/handle-errors.ts';
import { requestContext } from '../../src/operations/http/request-context.ts';
import { routeRequests } from '../../src/operations/http/route-requests.ts';
import type { ServiceState } from '../../src/operations/http/service.ts';
import { createLogger } from '../../src/operations/logging.ts';
import type { ErrorTracking } from '../../src/operations/sentry/error-tracking.ts';

/** An application: tracking's middleware is the outermost, and its `report` is where unexpected errors go. */
export function createShop(tracking: ErrorTracking, router = new Router<ServiceState>()): Koa<ServiceState> {
  const { report, middleware } = tracking;
  const log = createLogger({ level: 'warn', name: 'shop' });
  const app = new Koa<ServiceState>();
  recordAppErrors(app, { log, report });
  for (const each of [...middleware, requestContext({ log }), handleErrors({ report }), routeRequests(router)]) app.use(each);
  return app;
}
