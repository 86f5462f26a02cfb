import { type ErrorTracking, monitorSlug } from '../../src/operations/sentry/error-tracking.ts';

/** A run that ends without an error may have failed all the same. */
export async function remindTenants(tracking: ErrorTracking): Promise<void> {
  const monitor = { slug: monitorSlug('remind', 'Shanghai 12'), schedule: '0 9 * * 1', timezone: 'Asia/Shanghai', maxRuntimeMinutes: 10 };
  await tracking.checkIn(monitor, async () => ({ sent: 3, refused: 40 }), ({ sent, refused }) => refused <= sent);
}
