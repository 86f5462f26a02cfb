import type { ApiObject, Json } from '../api-object.ts';
import type { Cluster } from '../cluster.ts';
import type { PatchRequest } from '../patch.ts';
import { mergePatch } from '../patches.ts';
import { storageKey } from '../resource-types.ts';
import { create, update } from '../writes.ts';

/** Server-side apply. */
export function apply(cluster: Cluster, request: PatchRequest): { readonly object: ApiObject; readonly created: boolean } {
  const { type, namespace, name, body } = request;
  const live = cluster.store.get(storageKey(type), `${namespace ?? ''}/${name}`);
  if (live === undefined) {
    const given = body as unknown as ApiObject;
    return { object: create(cluster, type, { ...given, metadata: { ...given.metadata, name, ...(namespace !== undefined && { namespace }) } }, request), created: true };
  }
  return { object: update(cluster, type, mergePatch(live as unknown as Json, body) as unknown as ApiObject, request), created: false };
}
