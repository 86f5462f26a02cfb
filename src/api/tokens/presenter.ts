import type { ApiToken } from '../../catalog/tokens.ts';

/** A token as the API shows it: how it begins, never the token itself. */
export function presentToken({ id, accountId, name, prefix, scopes, role, createdAt, expiresAt, lastUsedAt, revokedAt }: ApiToken): Record<string, unknown> {
  return { id, accountId, name, prefix, scopes, role, createdAt, expiresAt, lastUsedAt, revokedAt };
}
