import { randomUUID } from 'node:crypto';
import { type ErrorCategory, type HoldfastError, isUnexpected } from '../errors.ts';
import type { Logger } from '../logging.ts';
import type { ServiceContext } from './service.ts';

/** What is known about an error where it is reported. */
export interface ErrorContext {
  /** The same in the answer, the log line and the report. */
  readonly errorId: string;
  /** The request that failed, if it was one. */
  readonly ctx?: ServiceContext;
  /** `error_code` and `category` of what was answered, `task` of work in the background. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Tells whoever keeps the service of an unexpected error: where an error tracker hooks in. Gets what was thrown. */
export type ReportError = (thrown: unknown, context: ErrorContext) => void;

export interface Recording {
  readonly log: Logger;
  readonly report?: ReportError | undefined;
  readonly ctx?: ServiceContext | undefined;
  readonly task?: string;
}

/**
 * The ids of what is recorded already: an error may pass several places that record (a guarded function's goes on to its
 * request, a load that many requests share fails for each), and one failure is one line, one report, one id.
 */
const recorded = new WeakMap<HoldfastError, string>();

/**
 * Logs a failure once, at the level that it deserves, and reports it if it is unexpected. Gives its id. `error` is what is
 * shown of `thrown`.
 */
export function recordError(thrown: unknown, error: HoldfastError, { log, report, ctx, task }: Recording): string {
  const known = recorded.get(error);
  if (known !== undefined) return known;
  const errorId = randomUUID();
  recorded.set(error, errorId);
  const { code, category, status } = error;
  const { routePath, principal } = ctx?.state ?? {};
  const fields = { error_id: errorId, error_code: code, category, status, route: routePath, user: principal?.id, task };
  if (isUnexpected(thrown)) {
    log.error({ ...fields, err: error }, 'unexpected failure');
    const tags = { error_code: code, category, ...(task !== undefined && { task }) };
    reportSafely(thrown, { errorId, tags, ...(ctx && { ctx }) }, { log, report });
  } else if (status >= 500 && category !== 'validation') log.warn({ ...fields, err: error }, 'foreseen failure');
  else log[levelOfRefusal(category)]({ ...fields, reason: error.message }, 'request refused');
  return errorId;
}

/** Somebody who tries doors is worth a look; a mistyped address is not. */
function levelOfRefusal(category: ErrorCategory): 'info' | 'warn' {
  return category === 'authentication' || category === 'authorization' || category === 'rate_limit' ? 'warn' : 'info';
}

function reportSafely(thrown: unknown, context: ErrorContext, { log, report }: Pick<Recording, 'log' | 'report'>): void {
  try {
    report?.(thrown, context);
  } catch (error) {
    // The answer matters more than the tracker, and the failure itself is in the log by now.
    log.error({ err: error, error_id: context.errorId }, 'report failed');
  }
}
