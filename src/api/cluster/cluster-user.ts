import { type Principal, roles, type ServiceContext } from '../../operations/http/service.ts';
import { requireAccess, type Scope } from '../access.ts';

/** Somebody as the cluster's own rules know them: what its RBAC decides about. */
export interface ClusterUser {
  readonly username: string;
  readonly uid?: string | undefined;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** Before names of accounts and roles, so that none of them is taken for a user or a group of the cluster. */
const accountPrefix = 'holdfast:';

const usersOfTokens = new WeakMap<Principal, ClusterUser>();

/** The cluster's user as one who makes a request. It has no scopes: of this service's own resources it may see none. */
export function principalOf(user: ClusterUser): Principal {
  const principal = { id: `cluster:${user.username}`, name: user.username, role: 'viewer', via: 'token' } as const;
  usersOfTokens.set(principal, user);
  return principal;
}

/**
 * Whom the cluster is asked about: who sent a token of the cluster, or the account of a session or of one of our tokens, as user
 * `holdfast:<name>` in the groups `holdfast:<role>` of its role and those below. Throws SIGN_IN_REQUIRED, and ACCESS_DENIED where the
 * token of ours lacks the scope.
 */
export function clusterUserOf(ctx: ServiceContext, scope: Scope): ClusterUser {
  const ofToken = ctx.state.principal && usersOfTokens.get(ctx.state.principal);
  if (ofToken !== undefined) return ofToken;
  const { name, role } = requireAccess(ctx, { role: 'viewer', scope });
  const reached = roles.slice(0, roles.indexOf(role) + 1);
  return { username: `${accountPrefix}${name}`, groups: reached.map((each) => `${accountPrefix}${each}`) };
}
