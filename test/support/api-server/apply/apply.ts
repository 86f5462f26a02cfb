import { type ApiObject, isJsonObject, type Json, timestamp } from '../api-object.ts';
import type { Cluster } from '../cluster.ts';
import type { PatchRequest } from '../patch.ts';
import { isEqual } from '../patches.ts';
import { badRequest, modifiedMeanwhile, notFound, Refusal } from '../refusal.ts';
import { apiVersionOf, type ResourceType, storageKey } from '../resource-types.ts';
import { create, update } from '../writes.ts';
import { duplicateIn, isWithin, type Paths, readable } from './field-paths.ts';
import { merge, without } from './merge.ts';
import { difference, isSame, managedFieldsOf, minus, type Owner, ownedPlaces, ownersOf, trackable, type Writer } from './ownership.ts';
import { shapeOf } from './shape.ts';

/**
 * Server-side apply: the applied fields belong to the manager from now on, those that it applied before and does not any more go
 * (unless another owns them too), and one that another owns with another value is a conflict, unless forced.
 */
export function apply(cluster: Cluster, request: PatchRequest): { readonly object: ApiObject; readonly created: boolean } {
  const { type, namespace, name, subresource, force } = request;
  const applied = appliedObject(request);
  const live = cluster.store.get(storageKey(type), `${namespace ?? ''}/${name}`);
  if (live === undefined && subresource !== undefined) throw notFound(type, name);
  const { resourceVersion } = applied.metadata;
  if (resourceVersion !== undefined && resourceVersion !== live?.metadata.resourceVersion) throw modifiedMeanwhile(type, name);
  const writer: Writer = { manager: request.manager, operation: 'Apply', ...(subresource !== undefined && { subresource }) };
  const shape = shapeOf(type);
  const twice = duplicateIn(trackable(type, applied, subresource), shape);
  if (twice !== undefined) throw new Refusal(500, '', `failed to create typed patch object (${namespace ?? ''}/${name}; ${apiVersionOf(type)}, Kind=${type.kind}): ${readable(twice)}: duplicate entries`);
  const wanted = trackable(type, applied, subresource);
  const paths = new Set(ownedPlaces(type, applied, subresource, shape).keys());
  if (live === undefined) {
    const owners = [{ ...writer, apiVersion: apiVersionOf(type), time: timestamp(new Date()), paths }];
    return { object: create(cluster, type, applied, request, () => managedFieldsOf(owners)), created: true };
  }
  const owners = ownersOf(live);
  const before = trackable(type, live, subresource);
  const laid = merge(before, wanted, shape);
  const lost = unowned(owners, writer, paths);
  const merged = (lost.size === 0 ? laid : (without(laid, shape, lost) ?? {})) as object;
  const { written, removed } = difference(ownedPlaces(type, live, subresource, shape), ownedPlaces(type, withContent(live, merged, subresource), subresource, shape));
  const conflicts = owners.filter((owner) => !isSame(owner, writer)).map((owner) => ({ owner, paths: [...owner.paths].filter((path) => written.has(path) && paths.has(path)) })).filter((each) => each.paths.length > 0);
  if (conflicts.length > 0 && !force) throw applyConflict(type, name, conflicts);
  const next = ownersAfter(type, owners, { writer, paths, written, removed });
  return { object: update(cluster, type, withContent(live, merged, subresource), request, () => managedFieldsOf(next)), created: false };
}

function appliedObject({ type, namespace, name, body, managerGiven }: PatchRequest): ApiObject {
  if (!isJsonObject(body) || typeof body['apiVersion'] !== 'string' || typeof body['kind'] !== 'string') throw badRequest('apiVersion and kind must be set in an apply patch');
  if (!managerGiven) throw new Refusal(422, 'Invalid', 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch');
  const given = body as unknown as ApiObject;
  if (given.metadata?.managedFields !== undefined && given.metadata.managedFields.length > 0) throw badRequest('metadata.managedFields must be nil');
  if (given.apiVersion !== apiVersionOf(type) || given.kind !== type.kind) throw badRequest(`the applied object is ${given.apiVersion} ${given.kind}, the address is of ${apiVersionOf(type)} ${type.kind}`);
  return withoutNulls({ ...given, metadata: { ...given.metadata, name, ...(namespace !== undefined && { namespace }) } } as unknown as Json) as unknown as ApiObject;
}

function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(withoutNulls);
  return isJsonObject(value) ? Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null).map(([name, field]) => [name, withoutNulls(field)])) : value;
}

/** What the manager applied before and not now, and nobody else owns in whole or part. */
function unowned(owners: readonly Owner[], writer: Writer, paths: Paths): Set<string> {
  const own = owners.find((owner) => isSame(owner, writer));
  const others = owners.filter((owner) => owner !== own).flatMap((owner) => [...owner.paths]);
  const kept = [...others, ...paths];
  return new Set([...(own?.paths ?? [])].filter((path) => !kept.some((held) => isWithin(held, path))));
}

function withContent(live: ApiObject, content: object, subresource: string | undefined): ApiObject {
  const { metadata = {}, ...fields } = content as Partial<ApiObject>;
  if (subresource === 'status') return { ...live, status: fields['status'] };
  const { labels: _labels, annotations: _annotations, finalizers: _finalizers, ownerReferences: _owners, generateName: _generateName, ...systemMetadata } = live.metadata;
  return { ...(live['status'] !== undefined && { status: live['status'] }), ...fields, apiVersion: live.apiVersion, kind: live.kind, metadata: { ...systemMetadata, ...metadata } };
}

function ownersAfter(type: ResourceType, owners: readonly Owner[], { writer, paths, written, removed }: { readonly writer: Writer; readonly paths: Paths; readonly written: Paths; readonly removed: Paths }): Owner[] {
  const own = owners.find((owner) => isSame(owner, writer));
  const next = owners.map((owner) => (owner === own ? { ...owner, paths } : { ...owner, paths: minus(owner.paths, written, removed) }));
  const changed = own === undefined || written.size > 0 || !isEqual([...own.paths].toSorted(), [...paths].toSorted());
  const entry = { ...writer, apiVersion: apiVersionOf(type), time: changed ? timestamp(new Date()) : own.time, paths };
  return own === undefined ? [...next, entry] : next.map((owner) => (isSame(owner, writer) ? entry : owner));
}

function applyConflict(type: ResourceType, name: string, conflicts: readonly { readonly owner: Owner; readonly paths: readonly string[] }[]): Refusal {
  const causes = conflicts.flatMap(({ owner, paths }) => paths.map((path) => ({ reason: 'FieldManagerConflict', message: `conflict with "${owner.manager}"${owner.subresource === undefined ? '' : ` with subresource "${owner.subresource}"`} using ${owner.apiVersion}`, field: readable(path) })));
  const told = causes.map(({ message, field }) => `${message}: ${field}`).join('\n- ');
  return new Refusal(409, 'Conflict', `Apply failed with ${causes.length} conflict${causes.length === 1 ? '' : 's'}: ${told}`, { name, group: type.group, kind: type.plural, causes });
}
