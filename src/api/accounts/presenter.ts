import type { Account } from '../../catalog/accounts.ts';

/** An account as the API shows it; times as ISO 8601. */
export function presentAccount({ id, name, role, language, disabled, createdAt, lastSignInAt, failedAttempts }: Account): Record<string, unknown> {
  return { id, name, role, language, disabled, createdAt, lastSignInAt, failedAttempts };
}
