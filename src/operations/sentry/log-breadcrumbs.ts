import { tracingChannel } from 'node:diagnostics_channel';
import * as Sentry from '@sentry/node';

/** What pino tells of a line on the channel `pino_asJson`. */
interface LogLine {
  readonly instance: { readonly levels: { readonly labels: Readonly<Record<number, string>> } };
  /** Merged object, message, level. */
  readonly arguments: readonly [Readonly<Record<string, unknown>> | null | undefined, string | undefined, number];
}

const info = 30;

const levels: Readonly<Record<string, 'info' | 'warning' | 'error' | 'fatal'>> = { info: 'info', warn: 'warning', error: 'error', fatal: 'fatal' };

/**
 * Log lines of level info and above become breadcrumbs of the request or task that wrote them. None is an event: whoever
 * logs an unexpected error reports it as well, once. Their fields are scrubbed when, and only if, a report takes them along.
 */
export function recordLogLines(): void {
  tracingChannel<LogLine>('pino_asJson').start.subscribe((line) => {
    const { instance, arguments: [fields, message, number] } = line as LogLine;
    if (number < info) return;
    Sentry.addBreadcrumb({
      category: 'log',
      level: levels[instance.levels.labels[number] ?? ''] ?? 'info',
      message: message ?? messageOf(fields),
      ...(fields && { data: { ...fields } }),
    });
  });
}

/** `log.error({ err })` and `log.error(error)` take the error's message. */
function messageOf(fields: Readonly<Record<string, unknown>> | null | undefined): string {
  const error: unknown = fields?.['err'];
  return error instanceof Error ? error.message : '';
}
