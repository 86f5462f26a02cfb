import { randomInt, randomUUID } from 'node:crypto';
import { type ApiObject, type ManagedFields, type Metadata, timestamp } from './api-object.ts';
import { afterUpdate } from './apply/ownership.ts';
import { admit } from './admission.ts';
import type { Cluster } from './cluster.ts';
import { establishedStatus } from './definitions.ts';
import { isEqual } from './patches.ts';
import { alreadyExists, badRequest, conflict, forbidden, invalid, modifiedMeanwhile, notFound, Refusal } from './refusal.ts';
import { apiVersionOf, type ResourceType, storageKey } from './resource-types.ts';
import { conform } from './schema/conform.ts';
import type { User } from './users.ts';

export interface WriteOptions {
  readonly user: User;
  readonly manager: string;
  readonly subresource?: string | undefined;
  readonly dryRun: boolean;
  /** Refuses unknown fields instead of dropping them. */
  readonly strict: boolean;
}

/** The managedFields after a write. */
type Owners = (before: ApiObject | undefined, after: ApiObject) => readonly ManagedFields[];

function updateOwners(type: ResourceType, { manager, subresource }: WriteOptions): Owners {
  return (before, after) => afterUpdate(type, before, after, { manager, operation: 'Update', ...(subresource !== undefined && { subresource }) });
}

function owned(object: ApiObject, owners: Owners, before: ApiObject | undefined): ApiObject {
  return { ...object, metadata: { ...object.metadata, managedFields: owners(before, object) } };
}

/** Stores a new object, as the server completes it. */
export function create(cluster: Cluster, type: ResourceType, given: ApiObject, options: WriteOptions, owners: Owners = updateOwners(type, options)): ApiObject {
  const { user, dryRun, strict } = options;
  const name = given.metadata.name ?? generatedName(type, given);
  const namespace = type.namespaced ? given.metadata.namespace : undefined;
  assertNamespace(cluster, type, namespace, name, user.name);
  if (given.metadata.resourceVersion !== undefined && given.metadata.resourceVersion !== '') throw badRequest('resourceVersion should not be set on objects to be created');
  const { status, ...withoutStatus } = given;
  const { uid: _uid, creationTimestamp: _time, deletionTimestamp: _deletion, generation: _generation, ...metadata } = given.metadata;
  const created = {
    ...(type.status ? withoutStatus : { ...withoutStatus, ...(status !== undefined && { status }) }),
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    metadata: {
      ...metadata,
      name,
      ...(namespace !== undefined && { namespace }),
      uid: randomUUID(),
      creationTimestamp: timestamp(new Date()),
      ...(type.counted && { generation: 1 }),
    },
  };
  const conforming = owned(conform(type, created, undefined, { strict }), owners, undefined);
  admit(cluster, { operation: 'CREATE', type, user, object: conforming, oldObject: undefined });
  if (cluster.store.get(storageKey(type), `${namespace ?? ''}/${name}`) !== undefined) throw alreadyExists(type, name);
  return dryRun ? conforming : stored(cluster, type, conforming);
}

/** Stores a changed object; what did not change anything writes nothing. `given` without a resourceVersion is written whatever is there. */
export function update(cluster: Cluster, type: ResourceType, given: ApiObject, options: WriteOptions, owners: Owners = updateOwners(type, options)): ApiObject {
  const { user, subresource, dryRun, strict } = options;
  const name = given.metadata.name ?? '';
  const current = cluster.read(type, type.namespaced ? given.metadata.namespace : undefined, name);
  if (given.metadata.resourceVersion !== undefined && given.metadata.resourceVersion !== '' && given.metadata.resourceVersion !== current.metadata.resourceVersion) throw modifiedMeanwhile(type, name);
  if (given.metadata.uid !== undefined && given.metadata.uid !== current.metadata.uid) {
    throw conflict(type, name, `Precondition failed: UID in precondition: ${given.metadata.uid}, UID in object meta: ${current.metadata.uid ?? ''}`);
  }
  const next = withSystemFields(type, subresource === 'status' ? { ...current, status: given['status'] } : { ...given, ...(type.status && { status: current['status'] }) }, current);
  const conforming = owned(conform(type, next, current, { strict }), owners, current);
  admit(cluster, { operation: 'UPDATE', type, user, subresource, object: conforming, oldObject: current });
  if (isEqual(conforming, current)) return current;
  if (dryRun) return conforming;
  const { metadata: { deletionTimestamp, finalizers = [] } } = conforming;
  return deletionTimestamp !== undefined && finalizers.length === 0 ? cluster.store.remove(storageKey(type), conforming) : stored(cluster, type, conforming);
}

export interface RemoveOptions {
  readonly user: User;
  readonly preconditions?: Preconditions;
  readonly dryRun?: boolean;
}

export interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** Deletes, or marks as ending what has finalizers. Returns what is left of it, or undefined. */
export function remove(cluster: Cluster, type: ResourceType, namespace: string | undefined, name: string, { user, preconditions = {}, dryRun = false }: RemoveOptions): ApiObject | undefined {
  const current = cluster.read(type, namespace, name);
  const { uid, resourceVersion } = preconditions;
  if (uid !== undefined && uid !== current.metadata.uid) throw conflict(type, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid ?? ''}`);
  if (resourceVersion !== undefined && resourceVersion !== current.metadata.resourceVersion) {
    throw conflict(type, name, `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${current.metadata.resourceVersion ?? ''}`);
  }
  admit(cluster, { operation: 'DELETE', type, user, object: undefined, oldObject: current });
  const ends = (current.metadata.finalizers ?? []).length > 0 || type.kind === 'Namespace';
  if (dryRun) return current;
  if (!ends) {
    cluster.store.remove(storageKey(type), current);
    return undefined;
  }
  if (current.metadata.deletionTimestamp !== undefined) return current;
  const ending = { ...current, metadata: { ...current.metadata, deletionTimestamp: timestamp(new Date()), deletionGracePeriodSeconds: 0 } };
  return cluster.store.put(storageKey(type), type.kind === 'Namespace' ? { ...ending, status: { phase: 'Terminating' } } : ending);
}

function stored(cluster: Cluster, type: ResourceType, object: ApiObject): ApiObject {
  const complete = type.kind === 'CustomResourceDefinition' ? { ...object, status: establishedStatus(object, object.metadata.creationTimestamp ?? '') } : object;
  return cluster.store.put(storageKey(type), complete);
}

/** What only the server sets; a change of what is wanted counts the generation up. */
function withSystemFields(type: ResourceType, next: ApiObject, current: ApiObject): ApiObject {
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation, resourceVersion, namespace, name } = current.metadata;
  const metadata: Metadata = {
    ...next.metadata,
    name: name ?? '',
    ...(namespace !== undefined && { namespace }),
    uid: uid ?? '',
    resourceVersion: resourceVersion ?? '',
    creationTimestamp: creationTimestamp ?? '',
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    ...(deletionGracePeriodSeconds !== undefined && { deletionGracePeriodSeconds }),
    ...(generation !== undefined && { generation: isEqual(wanted(next), wanted(current)) ? generation : generation + 1 }),
  };
  return withoutUndefined({ ...next, apiVersion: apiVersionOf(type), kind: type.kind, metadata });
}

function wanted({ metadata: _metadata, status: _status, ...rest }: ApiObject): object {
  return rest;
}

function withoutUndefined(object: ApiObject): ApiObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as ApiObject;
}

const generatedCharacters = 'bcdfghjklmnpqrstvwxz2456789';

function generatedName(type: ResourceType, { metadata: { generateName } }: ApiObject): string {
  if (generateName === undefined) throw invalid(type, '', [{ reason: 'FieldValueRequired', field: 'metadata.name', message: 'Required value: name or generateName is required' }]);
  return generateName + Array.from({ length: 5 }, () => generatedCharacters[randomInt(generatedCharacters.length)]).join('');
}

function assertNamespace(cluster: Cluster, type: ResourceType, namespace: string | undefined, name: string, user: string): void {
  if (!type.namespaced) return;
  if (namespace === undefined || namespace === '') throw new Refusal(400, 'BadRequest', 'an empty namespace may not be set during creation');
  const namespaces = cluster.type({ group: '', version: 'v1', plural: 'namespaces' });
  const found = cluster.store.get('/namespaces', `/${namespace}`);
  if (found === undefined) throw notFound(namespaces, namespace);
  if (found.metadata.deletionTimestamp !== undefined) {
    throw forbidden(user, 'create', type, { namespace, name, why: `unable to create new content in namespace ${namespace} because it is being terminated` });
  }
}
