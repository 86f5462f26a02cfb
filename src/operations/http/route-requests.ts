import type { Router } from '@koa/router';
import { httpErrors } from './http-errors.ts';
import type { ServiceContext, ServiceMiddleware, ServiceState } from './service.ts';

/**
 * Serves a router's routes as the innermost middleware. Notes the template of the route that matched; answers OPTIONS with
 * 204 and Allow. Throws ROUTE_NOT_FOUND (404), METHOD_NOT_ALLOWED (405, with Allow) and METHOD_NOT_IMPLEMENTED (501).
 */
export function routeRequests(router: Router<ServiceState>): ServiceMiddleware {
  const dispatch = router.routes() as ServiceMiddleware;
  return async (ctx, next) => {
    if (!router.methods.includes(ctx.method)) throw httpErrors.METHOD_NOT_IMPLEMENTED({});
    const answering = dispatch(ctx, () => (routed(ctx).routeMatched ? next() : refuse(ctx)));
    // The router has matched by now, and the handler may take its time: whoever looks meanwhile knows the route.
    const { _matchedRoute: route } = routed(ctx);
    if (route !== undefined) ctx.state.routePath = String(route);
    await answering;
  };
}

async function refuse(ctx: ServiceContext): Promise<void> {
  const methods = new Set((routed(ctx).matched ?? []).flatMap((layer) => layer.methods));
  if (methods.size === 0) throw httpErrors.ROUTE_NOT_FOUND({});
  const allowed = [...methods.add('OPTIONS')].toSorted().join(', ');
  ctx.set('Allow', allowed);
  if (ctx.method !== 'OPTIONS') throw httpErrors.METHOD_NOT_ALLOWED({ allowed });
  ctx.status = 204;
}

/** What the router leaves in a context. */
interface Routed {
  readonly routeMatched?: boolean;
  readonly matched?: readonly { readonly methods: string[] }[];
  readonly _matchedRoute?: string | RegExp;
}

function routed(ctx: ServiceContext): Routed {
  return ctx as ServiceContext & Routed;
}
