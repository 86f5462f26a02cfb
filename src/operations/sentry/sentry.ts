import * as Sentry from '@sentry/node';
import { checkIn } from './check-in.ts';
import type { ErrorTracking } from './error-tracking.ts';
import { recordLogLines } from './log-breadcrumbs.ts';
import { recordOutgoingRequests } from './outgoing-requests.ts';
import { traceRedisCommands } from './redis-spans.ts';
import { reportError } from './report.ts';
import { createRequestScope } from './request-scope.ts';
import { createScrubber } from './scrub.ts';
import { sentryOptions } from './sentry-options.ts';
import type { SentrySettings } from './settings.ts';
import { publishTask, runTask } from './tasks.ts';

let started: ErrorTracking | undefined;

/** The only place where Sentry is started, once a process: its client is global. */
export function trackBySentry(settings: SentrySettings): ErrorTracking {
  if (started) return started;
  const scrubber = createScrubber();
  const tracesRate = settings.SENTRY_TRACES_SAMPLE_RATE;
  Sentry.initWithoutDefaultIntegrations(sentryOptions(settings, scrubber));
  recordLogLines();
  recordOutgoingRequests(new URL(settings.SENTRY_DSN).host);
  if (tracesRate > 0) traceRedisCommands();
  started = {
    on: true,
    middleware: [createRequestScope(tracesRate)],
    report: reportError,
    hide: scrubber.hide,
    tag: (tags) => Sentry.setTags(tags),
    attach: (name, facts) => Sentry.setContext(name, { ...facts }),
    breadcrumb: (message, data) => Sentry.addBreadcrumb({ category: 'step', message, ...(data && { data }) }),
    span: (name, work) => Sentry.startSpan({ name, op: 'function', onlyIfParent: true }, work),
    publishTask,
    runTask: (task, work) => runTask(task, work, tracesRate),
    checkIn,
    flush: async (limitMs) => Sentry.flush(limitMs),
  };
  return started;
}
