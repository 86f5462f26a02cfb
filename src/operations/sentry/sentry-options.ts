import * as Sentry from '@sentry/node';
import type { Scrubber } from './scrub.ts';
import type { SentrySettings } from './settings.ts';

type Integration = Parameters<Sentry.NodeClient['addIntegration']>[0];

/** Marks the spans that a trace may begin with: requests and tasks. A health check's query or a timer's begins none. */
export const rootSpan = { 'holdfast.root': true } as const;

/** Nothing is collected by itself: what a report holds, report.ts puts in. */
const dataCollection = {
  userInfo: false,
  cookies: false,
  httpHeaders: { request: false, response: false },
  httpBodies: [],
  urlQueryParams: false,
  graphQL: { document: false, variables: false },
  genAI: { inputs: false, outputs: false },
  mcp: { inputs: false, outputs: false },
  databaseQueryData: false,
  queues: false,
  stackFrameVariables: false,
  frameContextLines: 5,
} as const satisfies NonNullable<Sentry.NodeOptions['dataCollection']>;

/** Sentry's options. At a rate of 0 nothing is instrumented at all. */
export function sentryOptions(settings: SentrySettings, scrubber: Scrubber): Sentry.NodeOptions {
  const tracesRate = settings.SENTRY_TRACES_SAMPLE_RATE;
  const tracing = tracesRate > 0;
  return {
    dsn: settings.SENTRY_DSN,
    environment: settings.ENVIRONMENT,
    ...(settings.RELEASE !== undefined && { release: settings.RELEASE }),
    sampleRate: settings.SENTRY_SAMPLE_RATE,
    ...(tracing && { tracesSampler: ({ attributes }) => (attributes?.['holdfast.root'] === true ? tracesRate : 0) }),
    strictTraceContinuation: true,
    // No header of ours goes to object stores or other people's services.
    tracePropagationTargets: [],
    maxBreadcrumbs: 30,
    dataCollection: { ...dataCollection, httpBodies: [] },
    enableRuntimeChannelInjection: tracing,
    integrations: [...errorIntegrations(), ...(tracing ? tracingIntegrations() : [])],
    // Sentry's own notes beside the event are objects of its making, and are not sent.
    beforeSend: ({ sdkProcessingMetadata, ...event }) => ({ ...scrubber.value(event), ...(sdkProcessingMetadata && { sdkProcessingMetadata }) }),
    beforeSendSpan: (span) => ({ ...span, name: scrubber.text(span.name), attributes: scrubber.value(span.attributes) }),
  };
}

/** Without "dedupe", which would drop the second of two requests that fail alike. */
function errorIntegrations(): Integration[] {
  return [
    Sentry.linkedErrorsIntegration(),
    Sentry.contextLinesIntegration(),
    Sentry.nodeContextIntegration(),
    Sentry.onUncaughtExceptionIntegration(),
    // As Node does by itself: an unhandled rejection ends the process.
    Sentry.onUnhandledRejectionIntegration({ mode: 'strict' }),
  ];
}

/**
 * Not Sentry's for Koa, which reports what an application emits as an error, clients' mistakes too, and makes a span of each
 * middleware, ten a request: request-scope.ts is ours. Nor those for Redis and node:http: redis-spans.ts, outgoing-requests.ts.
 */
function tracingIntegrations(): Integration[] {
  return [Sentry.postgresIntegration({ ignoreConnectSpans: true }), Sentry.nativeNodeFetchIntegration({ tracePropagation: false })];
}
