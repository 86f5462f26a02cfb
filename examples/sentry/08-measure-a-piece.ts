import { setTimeout as sleep } from 'node:timers/promises';
import type { ErrorTracking } from '../../src/operations/sentry/error-tracking.ts';

/** In a traced request or task this shows as a span with its length; in others it costs next to nothing. */
export async function renderReport(tracking: ErrorTracking): Promise<void> {
  const rows = await tracking.span('collect the figures', async () => {
    await sleep(5);
    return [1, 2, 3];
  });
  await tracking.span('render the sheet', () => sleep(rows.length));
}
