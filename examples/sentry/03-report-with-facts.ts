import type { ErrorTracking } from '../../src/operations/sentry/error-tracking.ts';

/** The answer goes out all the same, but somebody has to look: tags to search and count by, data to read. */
export async function bookPayment(tracking: ErrorTracking): Promise<void> {
  const payment = { id: 'pay-1', expectedCents: 120_000, receivedCents: 12_000 };
  if (payment.receivedCents !== payment.expectedCents) {
    tracking.report(new Error('payment differs from its invoice'), { tags: { provider: 'alipay', currency: 'CNY' }, data: { payment } });
  }
}
