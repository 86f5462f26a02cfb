import type { ErrorTracking } from '../../src/operations/sentry/error-tracking.ts';

/** Work that nobody waits for: a scope of its own, and no rejection that would end the process. */
export async function warmCaches(tracking: ErrorTracking): Promise<void> {
  await tracking.runTask({ queue: 'background', id: 'warm-caches' }, () => Promise.reject(new Error('the figures of May are missing'))).catch(() => undefined);
}
