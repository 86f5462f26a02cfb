import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import * as Sentry from '@sentry/node';

interface Outgoing {
  readonly span: ReturnType<typeof Sentry.startInactiveSpan> | undefined;
  readonly scope: ReturnType<typeof Sentry.getIsolationScope>;
}

/**
 * Requests that go out by node:http (object stores, the cluster's API): a breadcrumb of method, host and status each, and a
 * span in traced requests and tasks; never a path or a query, which may be signed. In place of Sentry's own integration,
 * which also wraps every request that comes in, at twice the cost of the rest. `sentryHost` is not told of.
 */
export function recordOutgoingRequests(sentryHost: string): void {
  const outgoing = new WeakMap<ClientRequest, Outgoing>();
  subscribe('http.client.request.created', (message) => {
    const { request } = message as { request: ClientRequest };
    const host = hostOf(request);
    if (host === sentryHost) return;
    const span = Sentry.getActiveSpan()?.isRecording()
      ? Sentry.startInactiveSpan({
          name: `${request.method} ${host}`,
          op: 'http.client',
          attributes: { 'sentry.origin': 'auto.http.holdfast', 'http.request.method': request.method, 'server.address': host },
        })
      : undefined;
    outgoing.set(request, { span, scope: Sentry.getIsolationScope() });
  });
  subscribe('http.client.response.finish', (message) => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
    finish(request, outgoing.get(request), { status_code: response.statusCode });
  });
  subscribe('http.client.request.error', (message) => {
    const { request, error } = message as { request: ClientRequest; error: NodeJS.ErrnoException };
    finish(request, outgoing.get(request), { error: error.code ?? error.name });
  });
}

function finish(request: ClientRequest, told: Outgoing | undefined, outcome: { status_code?: number | undefined; error?: string }): void {
  if (!told) return;
  const failed = outcome.error !== undefined || (outcome.status_code ?? 0) >= 500;
  told.scope.addBreadcrumb({ type: 'http', category: 'http', level: failed ? 'warning' : 'info', data: { method: request.method, host: hostOf(request), ...outcome } }, 30);
  if (!told.span) return;
  if (outcome.status_code !== undefined) Sentry.setHttpStatus(told.span, outcome.status_code);
  else told.span.setStatus({ code: 2, message: 'internal_error' });
  told.span.end();
}

/** With its port where that is not the scheme's, as URLs have it. */
function hostOf(request: ClientRequest): string {
  return String(request.getHeader('host') ?? request.host);
}
