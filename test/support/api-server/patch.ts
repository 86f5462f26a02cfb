import type { ApiObject, Json, JsonObject } from './api-object.ts';
import { apply } from './apply/apply.ts';
import { shapeOf } from './apply/shape.ts';
import type { Cluster } from './cluster.ts';
import { jsonPatch, mergePatch } from './patches.ts';
import { modifiedMeanwhile, Refusal } from './refusal.ts';
import type { ResourceType } from './resource-types.ts';
import { strategicPatch } from './strategic-patch.ts';
import { update, type WriteOptions } from './writes.ts';

export interface PatchRequest extends WriteOptions {
  readonly type: ResourceType;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly contentType: string;
  readonly body: Json;
  readonly force: boolean;
  /** Whether the client named its manager: apply demands it. */
  readonly managerGiven: boolean;
}

/** Returns the object, and whether the patch made it (server-side apply does). */
export function patch(cluster: Cluster, request: PatchRequest): { readonly object: ApiObject; readonly created: boolean } {
  const { type, namespace, name, contentType, body } = request;
  if (contentType === 'application/apply-patch+yaml') return apply(cluster, request);
  const current = cluster.read(type, namespace, name) as unknown as JsonObject;
  const patched = patchedBy(contentType, current, body, type) as unknown as ApiObject;
  const { resourceVersion } = patched.metadata;
  if (resourceVersion !== undefined && resourceVersion !== (current as unknown as ApiObject).metadata.resourceVersion) throw modifiedMeanwhile(type, name);
  return { object: update(cluster, type, patched, request), created: false };
}

function patchedBy(contentType: string, current: JsonObject, body: Json, type: ResourceType): Json {
  switch (contentType) {
    case 'application/merge-patch+json':
      return mergePatch(current, body);
    case 'application/json-patch+json':
      return jsonPatch(current, body);
    case 'application/strategic-merge-patch+json':
      if (type.schema === undefined) return strategicPatch(current, body, shapeOf(type));
      break;
    default:
  }
  throw new Refusal(415, 'UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml`);
}
