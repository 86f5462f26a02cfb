import { inspect, types } from 'node:util';
import { type AreaError, HoldfastError, refusedStatus } from '../errors.ts';
import { errorOfStatus, httpErrors } from './http-errors.ts';

/**
 * What was thrown as an error that can be shown. Errors that a library made for the caller (`http-errors` below 500, as
 * koa's `ctx.throw` makes them) become ours of that status; their words stay in the cause. All else is unexpected: it becomes
 * the area's error, which tells nothing of the inside.
 */
export function convertError(thrown: unknown, areaError: AreaError = httpErrors.INTERNAL_ERROR): HoldfastError {
  if (thrown instanceof HoldfastError) return thrown;
  const status = refusedStatus(thrown);
  if (status !== undefined) return errorOfStatus(status, thrown);
  const cause = types.isNativeError(thrown) || thrown instanceof Error ? thrown : new Error(`something else than an error was thrown: ${inspect(thrown, { depth: 1 })}`);
  return areaError({}, { cause });
}
