import type { Client } from '../../kubernetes/client.ts';
import type { ServiceContext } from '../../operations/http/service.ts';
import { waitingOf } from '../../operations/http/waiting.ts';
import type { ServicePart } from '../../operations/lifecycle/lifecycle.ts';
import { clusterAccessErrors } from './cluster-access-errors.ts';
import { clusterUserOf, type ClusterUser } from './cluster-user.ts';
import type { ClusterView } from './cluster-view.ts';
import type { Reviews, WantedAccess } from './reviews.ts';

/** What the service works with in a cluster. */
export interface ClusterAccess {
  readonly client: Client;
  readonly view: ClusterView;
  readonly reviews: Reviews;
  /** Those that are watched; none: all. */
  readonly namespaces: readonly string[];
  /** In the order in which they start. */
  readonly parts: readonly ServicePart[];
}

/**
 * Lets a request pass that the cluster's RBAC allows to who makes it, and gives who that is. Throws SIGN_IN_REQUIRED, ACCESS_DENIED (the scope of
 * a token of ours), CLUSTER_ACCESS_DENIED, and what the API server throws while it is away.
 */
export async function requireClusterAccess({ reviews }: Pick<ClusterAccess, 'reviews'>, ctx: ServiceContext, access: WantedAccess): Promise<ClusterUser> {
  const user = clusterUserOf(ctx, access.verb === 'create' ? 'backups:write' : 'backups:read');
  if (!(await reviews.allows(user, access, waitingOf(ctx)))) {
    const where = access.namespace ?? { en: 'all namespaces', zh: '所有命名空间' };
    throw clusterAccessErrors.CLUSTER_ACCESS_DENIED({ user: user.username, verb: access.verb, resource: access.resource, where });
  }
  return user;
}

/**
 * Lets a request pass that may list these resources in a namespace or, where none is named, in all that are watched: who may not list one of
 * them is told, rather than shown a part. Throws as `requireClusterAccess`.
 */
export async function requireListAccess(cluster: Pick<ClusterAccess, 'reviews' | 'namespaces'>, ctx: ServiceContext, { resource, namespace }: Pick<WantedAccess, 'resource' | 'namespace'>): Promise<void> {
  const watched = cluster.namespaces.length === 0 ? [undefined] : cluster.namespaces;
  for (const each of namespace === undefined ? watched : [namespace]) await requireClusterAccess(cluster, ctx, { verb: 'list', resource, namespace: each });
}
