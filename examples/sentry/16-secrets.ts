import type { ErrorTracking } from '../../src/operations/sentry/error-tracking.ts';

/** What looks like a secret, by its key or its shape, is `[Filtered]` in whatever is sent. It is no reason to send it. */
export async function connectBank(tracking: ErrorTracking): Promise<void> {
  const connection = { url: 'https://shop:hunter2@bank.example/api', apiKey: 'hunter2', account: '4711' };
  tracking.report(new Error(`cannot reach ${connection.url}?token=hunter2`), { data: { connection } });
}
