import type { ErrorTracking } from '../../src/operations/sentry/error-tracking.ts';

/** Last in a shutdown: what was reported is sent, for two seconds at most. */
export async function stopService(tracking: ErrorTracking, parts: readonly { stop(): Promise<void> }[]): Promise<void> {
  for (const part of parts.toReversed()) await part.stop();
  await tracking.flush(2000);
}
