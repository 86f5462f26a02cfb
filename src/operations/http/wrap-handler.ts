import type { AreaError } from '../errors.ts';
import type { Logger } from '../logging.ts';
import { StoppedBySignal } from '../shutdown.ts';
import { convertError } from './convert-error.ts';
import { recordError, type ReportError } from './record-error.ts';
import type { ServiceMiddleware } from './service.ts';

/**
 * A handler of an API: its errors are always answered to a program (JSON, or a problem document on request), and what is
 * unexpected in it becomes the area's error (`contractErrors.CONTRACT_ERROR`) with the failure as its cause.
 * `handleErrors` answers, logs and reports.
 */
export function apiHandler(areaError: AreaError, handler: ServiceMiddleware): ServiceMiddleware {
  return (ctx, next) => {
    ctx.state.areaError = areaError;
    ctx.state.errorFormats = ['json', 'problem'];
    return handler(ctx, next);
  };
}

export interface Guarding {
  /** What the function does, as logs and reports name it. */
  readonly task: string;
  readonly log: Logger;
  readonly report?: ReportError;
}

/**
 * Any function with the same treatment, be it a page's handler or work in the background: a failure is logged with its stack and
 * reported here and now, and thrown on as an error that can be shown: itself, or the area's with the failure as its cause.
 * Inside of a request `handleErrors` answers it under the same id, and does not record it twice. Work that the process's end
 * stopped has not failed.
 */
export function guarded<Arguments extends readonly unknown[], Result>(
  areaError: AreaError,
  { task, log, report }: Guarding,
  work: (...args: Arguments) => Promise<Result> | Result,
): (...args: Arguments) => Promise<Result> {
  return async (...args) => {
    try {
      return await work(...args);
    } catch (thrown) {
      if (thrown instanceof StoppedBySignal) throw thrown;
      const error = convertError(thrown, areaError);
      recordError(thrown, error, { log, report, task });
      throw error;
    }
  };
}
