import * as Sentry from '@sentry/node';
import { isUnexpected } from '../errors.ts';
import { convertError } from '../http/convert-error.ts';
import type { ServiceContext } from '../http/service.ts';
import type { ReportContext } from './error-tracking.ts';
import { requestOf, routeOf } from './request-scope.ts';

type Scope = ReturnType<typeof Sentry.getCurrentScope>;

/**
 * Sends one event of an unexpected error; of any other, none. Sentry marks the error object, so that whoever reports it again
 * further out sends nothing.
 */
export function reportError(thrown: unknown, context: ReportContext = {}): void {
  const error = convertError(thrown);
  if (!isUnexpected(error)) return;
  const { errorId, ctx = requestOf(Sentry.getIsolationScope()), tags, data } = context;
  Sentry.captureException(thrown, {
    mechanism: { type: ctx ? 'auto.http.holdfast' : 'auto.function.holdfast', handled: false },
    captureContext: (scope) => {
      scope.setTags({ error_code: error.code, category: error.category, error_id: errorId, ...tags });
      if (ctx) describeRequest(scope, ctx);
      if (data) scope.setExtras({ ...data });
      return scope;
    },
  });
}

const tellingHeaders = ['user-agent', 'accept', 'accept-language', 'content-type', 'content-length'] as const;

/** Its route's template, never its path, query, body or cookies: what identifies a request is its id, in the log. */
function describeRequest(scope: Scope, ctx: ServiceContext): void {
  const { requestId, principal } = ctx.state as Partial<ServiceContext['state']>;
  const { method } = ctx;
  const url = routeOf(ctx);
  const headers: Record<string, string> = {};
  for (const name of tellingHeaders) {
    const value = ctx.get(name);
    if (value) headers[name] = value;
  }
  scope.setTransactionName(`${method} ${url}`);
  scope.setTags({ route: url, request_id: requestId, role: principal?.role, via: principal?.via });
  if (principal) scope.setUser({ id: principal.id });
  scope.addEventProcessor((event) => ({ ...event, request: { method, url, headers } }));
}
