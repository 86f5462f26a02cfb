import { isOwnToken } from '../../catalog/tokens.ts';
import type { VerifyToken } from '../access.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { principalOf } from './cluster-user.ts';

/** The cluster's tokens (of service accounts, of people by OIDC), verified by its API server. */
export function clusterTokens({ reviews }: Pick<ClusterAccess, 'reviews'>): VerifyToken {
  return async (secret, waiting) => {
    // Ours are not shown to the API server, whose audit may keep them.
    const user = isOwnToken(secret) ? undefined : await reviews.userOf(secret, waiting);
    return user && { principal: principalOf(user), scopes: [] };
  };
}
