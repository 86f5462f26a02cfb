import { defineErrorFamily } from '../../src/operations/errors.ts';
import type { ErrorTracking } from '../../src/operations/sentry/error-tracking.ts';

const leaseErrors = defineErrorFamily({
  LEASE_OVERLAPS: {
    category: 'business_logic',
    status: 409,
    retryable: false,
    message: { en: 'The store {store} is let already in that time', zh: '店铺 {store} 在该时段已出租' },
    hint: { en: 'Choose another time.', zh: '请选择其他时段。' },
  },
});

/** A rule of the business, a mistake of the caller, a dependency that is away: answered, logged, counted, never an event. */
export async function letStore(tracking: ErrorTracking): Promise<void> {
  tracking.report(leaseErrors.LEASE_OVERLAPS({ store: 'shanghai-12' }));
}
