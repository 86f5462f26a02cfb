import * as Sentry from '@sentry/node';
import type { Monitor } from './error-tracking.ts';

/** How late, in minutes, a run may begin: an image is pulled, a node is added. */
const startMargin = 15;

/** The first check-in of a slug makes its monitor, later ones update it: nothing is set up by hand. */
export async function checkIn<Result>(monitor: Monitor, work: () => Promise<Result>, succeeded: (result: Result) => boolean = () => true): Promise<Result> {
  const { slug: monitorSlug, schedule, timezone, maxRuntimeMinutes } = monitor;
  const begun = performance.now();
  const checkInId = Sentry.captureCheckIn(
    { monitorSlug, status: 'in_progress' },
    { schedule: { type: 'crontab', value: schedule }, timezone, checkinMargin: startMargin, maxRuntime: maxRuntimeMinutes, failureIssueThreshold: 1, recoveryThreshold: 1 },
  );
  const finish = (status: 'ok' | 'error'): void => {
    Sentry.captureCheckIn({ monitorSlug, checkInId, status, duration: (performance.now() - begun) / 1000 });
  };
  try {
    const result = await work();
    finish(succeeded(result) ? 'ok' : 'error');
    return result;
  } catch (error) {
    finish('error');
    throw error;
  }
}
