import type { ApiObject } from './api-object.ts';
import type { Cluster } from './cluster.ts';
import { idOf } from './object-store.ts';
import { Refusal } from './refusal.ts';
import { storageKey } from './resource-types.ts';
import { userOf } from './users.ts';
import { remove, update } from './writes.ts';

const garbageCollector = userOf('system:serviceaccount:kube-system:generic-garbage-collector');
const namespaceController = userOf('system:serviceaccount:kube-system:namespace-controller');
const definitions = 'apiextensions.k8s.io/customresourcedefinitions';

/**
 * What controllers of a real cluster do soon after a write, here after `delayMs`: dependents of what is gone are deleted (garbage collector), namespaces
 * that end are emptied, and custom resources go with their definition. Returns what stops it.
 */
export function startLifecycle(cluster: Cluster, { delayMs = 20 }: { readonly delayMs?: number } = {}): () => void {
  const dependents = new Map<string, Set<ApiObject>>();
  const timers = new Set<NodeJS.Timeout>();
  const later = (work: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, delayMs);
    timers.add(timer);
  };
  const stop = cluster.store.listenToAll((key, { type, object }) => {
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const known = dependents.get(uid) ?? new Set();
      dependents.set(uid, known);
      known.add(object);
      if (type !== 'DELETED' && !cluster.store.hasUid(uid)) later(() => { collect(cluster, uid, known); });
    }
    const { uid = '', namespace, deletionTimestamp } = object.metadata;
    const left = dependents.get(uid);
    if (type === 'DELETED' && left !== undefined) {
      dependents.delete(uid);
      later(() => { collect(cluster, uid, left); });
    }
    if (type === 'DELETED' && key === definitions) removeAll(cluster, object);
    if (key === '/namespaces' && deletionTimestamp !== undefined && type === 'MODIFIED') later(() => { empty(cluster, object); });
    const home = namespace === undefined ? undefined : cluster.store.get('/namespaces', `/${namespace}`);
    if (type === 'DELETED' && home?.metadata.deletionTimestamp !== undefined) later(() => { empty(cluster, home); });
  });
  return () => {
    stop();
    for (const timer of timers) clearTimeout(timer);
  };
}

/** Deletes the dependents that no other owner holds. */
function collect(cluster: Cluster, goneUid: string, dependents: ReadonlySet<ApiObject>): void {
  for (const dependent of dependents) {
    const type = cluster.typeOfKind(dependent.apiVersion, dependent.kind);
    const current = type === undefined ? undefined : cluster.store.get(storageKey(type), idOf(dependent));
    const owners = current?.metadata.ownerReferences ?? [];
    if (type === undefined || current === undefined || current.metadata.uid !== dependent.metadata.uid || !owners.some(({ uid }) => uid === goneUid)) continue;
    if (owners.some(({ uid }) => cluster.store.hasUid(uid))) continue;
    attempt(() => { remove(cluster, type, current.metadata.namespace, current.metadata.name ?? '', { user: garbageCollector }); });
  }
}

/** Takes the owner out of its dependents: `propagationPolicy: Orphan`. */
export function orphan(cluster: Cluster, ownerUid: string): void {
  for (const object of cluster.store.everything()) {
    const owners = object.metadata.ownerReferences ?? [];
    const type = cluster.typeOfKind(object.apiVersion, object.kind);
    if (type === undefined || !owners.some(({ uid }) => uid === ownerUid)) continue;
    update(cluster, type, { ...object, metadata: { ...object.metadata, ownerReferences: owners.filter(({ uid }) => uid !== ownerUid) } }, { user: garbageCollector, manager: 'garbage-collector', dryRun: false, strict: false });
  }
}

/** Deletes what a namespace that ends holds, and itself once nothing is left: finalizers keep it. */
function empty(cluster: Cluster, namespace: ApiObject): void {
  const name = namespace.metadata.name ?? '';
  const current = cluster.store.get('/namespaces', `/${name}`);
  if (current?.metadata.uid !== namespace.metadata.uid || current === undefined) return;
  for (const object of cluster.store.everything()) {
    const type = object.metadata.namespace === name ? cluster.typeOfKind(object.apiVersion, object.kind) : undefined;
    if (type !== undefined) attempt(() => { remove(cluster, type, name, object.metadata.name ?? '', { user: namespaceController }); });
  }
  if (!cluster.store.everything().some((object) => object.metadata.namespace === name)) cluster.store.remove('/namespaces', current);
}

/** What a policy denies stays, and keeps the namespace: as in a real cluster. */
function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}

function removeAll({ store }: Cluster, definition: ApiObject): void {
  const { group, names } = definition['spec'] as { readonly group: string; readonly names: { readonly plural: string } };
  const key = storageKey({ group, plural: names.plural });
  for (const object of store.all(key)) store.remove(key, object);
}
