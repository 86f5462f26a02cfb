import { type ErrorCategory, HoldfastError } from './errors.ts';
import { StoppedBySignal } from './shutdown.ts';

/** DESIGN's exit codes: what a Job's failure policy decides on. 1 is unexpected. */
export const exitCodes = {
  usage: 2,
  source: 3,
  store: 4,
  integrity: 5,
  not_found: 6,
  safety: 7,
  busy: 75,
  dependency: 75, // away now, back later
  rate_limit: 75,
  validation: 2, // what was asked is wrong, wherever it was written
  business_logic: 2,
  authentication: 7, // a rule about who may do what refused: asking again changes nothing
  authorization: 7,
  internal: 1,
} as const satisfies Record<ErrorCategory, number>;

const signalNumbers = { SIGINT: 2, SIGTERM: 15 } as const;

/** Exit code of a failure. Stopped by a signal: 128 + its number, as shells say it. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof StoppedBySignal) return 128 + signalNumbers[error.signal];
  return error instanceof HoldfastError ? exitCodes[error.category] : exitCodes.internal;
}
