import * as Sentry from '@sentry/node';
import type { ServiceContext, ServiceMiddleware } from '../http/service.ts';
import { rootSpan } from './sentry-options.ts';

/** The requests that are under way, by their scopes. */
const requests = new WeakMap<object, ServiceContext>();

/** The request that a scope belongs to. */
export function requestOf(isolationScope: object): ServiceContext | undefined {
  return requests.get(isolationScope);
}

/** The template of a request's route: known to its router before its handler has ended, to others after. */
export function routeOf(ctx: ServiceContext): string {
  const { _matchedRoute: matched } = ctx as { readonly _matchedRoute?: unknown };
  return ctx.state.routePath ?? (typeof matched === 'string' ? matched : 'other');
}

/**
 * Goes around everything else of a request: its breadcrumbs, tags and reports stay its own. Whether it is traced is decided
 * here, before anything is measured: out of the box, a request that is not sampled costs as much as one that is. The decision is
 * always ours: a `sentry-trace` header joins its trace, and cannot make us trace.
 */
export function createRequestScope(tracesRate: number): ServiceMiddleware {
  return (ctx, next) =>
    Sentry.withIsolationScope((scope) => {
      scope.clearBreadcrumbs();
      requests.set(scope, ctx);
      const { sampleRand } = Sentry.getCurrentScope().getPropagationContext();
      return sampleRand < tracesRate ? inTrace(ctx.headers, sampleRand, () => traceRequest(ctx, next)) : next();
    });
}

/** Runs what was sampled by `sampleRand` as a part of the trace that the headers name, if they do. */
export function inTrace<Result>(headers: Readonly<Record<string, string | string[] | undefined>>, sampleRand: number, work: () => Result): Result {
  const { 'sentry-trace': sentryTrace, baggage } = headers;
  if (typeof sentryTrace !== 'string') return work();
  return Sentry.continueTrace({ sentryTrace, baggage: String(baggage ?? '') }, () => {
    Sentry.getCurrentScope().getPropagationContext().sampleRand = sampleRand;
    return work();
  });
}

async function traceRequest(ctx: ServiceContext, next: () => Promise<unknown>): Promise<void> {
  const attributes = {
    ...rootSpan,
    'sentry.origin': 'auto.http.holdfast',
    'http.request.method': ctx.method,
    'user_agent.original': ctx.get('user-agent'),
  } as const;
  await Sentry.startSpan({ name: ctx.method, op: 'http.server', attributes }, async (span) => {
    await next();
    const { requestId, principal } = ctx.state as Partial<ServiceContext['state']>;
    const route = routeOf(ctx);
    span.updateName(`${ctx.method} ${route}`);
    span.setAttributes({ 'http.route': route, 'sentry.segment.name.source': 'route', 'request.id': requestId });
    Sentry.setHttpStatus(span, ctx.status);
    if (principal) Sentry.setUser({ id: principal.id });
  });
}
