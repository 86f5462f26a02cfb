import { createClient } from '../../kubernetes/client.ts';
import { connect } from '../../kubernetes/connect.ts';
import { createCache } from '../../operations/cache/cache.ts';
import { createMemoryCacheStore } from '../../operations/cache/memory-cache-store.ts';
import type { Environment } from '../../operations/configuration.ts';
import type { Logger } from '../../operations/logging.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { createClusterView } from './cluster-view.ts';
import { createReviews } from './reviews.ts';

interface Opening {
  /** What a pod is given to reach its API server, or KUBECONFIG elsewhere. */
  readonly environment: Environment;
  readonly namespaces: readonly string[];
  readonly version: string;
  readonly log: Logger;
  readonly now: () => Date;
}

/** The cluster as the service sees it. Nothing connects before its parts start. Throws CLUSTER_NOT_CONFIGURED. */
export function openCluster({ environment, namespaces, version, log, now }: Opening): ClusterAccess {
  const connection = connect({ environment, userAgent: `holdfast/${version}` });
  const client = createClient({ connection, fieldManager: 'holdfast-api' });
  const view = createClusterView({ client, namespaces, log, now });
  const reviews = createReviews({ client, cache: createCache({ store: createMemoryCacheStore({ now }), log, now }) });
  return { client, view, reviews, namespaces, parts: [{ name: 'cluster connection', stop: async () => connection.close() }, view.part] };
}
