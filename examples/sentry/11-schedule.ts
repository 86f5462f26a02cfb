import type { ErrorTracking } from '../../src/operations/sentry/error-tracking.ts';

/** Sentry raises an alarm when the 02:00 run does not begin, takes longer than an hour, or throws. */
export async function closeBooks(tracking: ErrorTracking): Promise<void> {
  const monitor = { slug: 'close-books', schedule: '0 2 * * *', timezone: 'Asia/Shanghai', maxRuntimeMinutes: 60 };
  await tracking.checkIn(monitor, async () => ({ closed: 31 }));
}
