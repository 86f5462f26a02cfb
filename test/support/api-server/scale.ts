import type { Cluster } from './cluster.ts';
import { patch, type PatchRequest } from './patch.ts';
import { Refusal } from './refusal.ts';

/** `deployments/shop/scale`, as `kubectl scale` asks: the replicas alone, at the place where the object has them too. */
export function scale(cluster: Cluster, verb: string, request: PatchRequest): object {
  const { type, namespace, name } = request;
  if (verb !== 'get' && verb !== 'patch') throw new Refusal(405, 'MethodNotAllowed', `${verb} of scale is not there: get and patch are`);
  const object = verb === 'patch' ? patch(cluster, { ...request, subresource: undefined }).object : cluster.read(type, namespace, name);
  const { replicas = 1 } = (object['spec'] ?? {}) as { readonly replicas?: number };
  const { uid, resourceVersion, creationTimestamp } = object.metadata;
  return { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name, namespace, uid, resourceVersion, creationTimestamp }, spec: { replicas }, status: { replicas } };
}
