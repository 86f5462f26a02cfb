import type { ErrorTracking } from '../../src/operations/sentry/error-tracking.ts';

/** Whatever fails in this request or task from here on can be found by store and contract. */
export async function terminateContract(tracking: ErrorTracking): Promise<void> {
  tracking.tag({ store: 'shanghai-12', contract: 'c-2024-0815' });
  throw new Error('the deposit was settled twice');
}
