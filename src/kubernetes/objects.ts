import type { EventsV1Event, V1ConfigMap, V1CronJob, V1CustomResourceDefinition, V1Job, V1Lease, V1Namespace, V1PersistentVolumeClaim, V1Pod, V1SubjectAccessReview, V1TokenReview } from '@kubernetes/client-node';
import { type KindName, kinds, type ObjectMeta, type Resource } from './resources/kinds.ts';
import { apiVersion } from './resources/names.ts';

/** As JSON carries it: client-node's types speak of Date where the server sends text. */
export type Wire<Value> = Value extends Date ? string : Value extends readonly (infer Item)[] ? Wire<Item>[] : Value extends object ? { [Key in keyof Value]: Wire<Value[Key]> } : Value;

type BuiltIn<Name extends string, Value> = Omit<Wire<Value>, 'apiVersion' | 'kind' | 'metadata'> & {
  readonly apiVersion: string;
  readonly kind: Name;
  readonly metadata: ObjectMeta;
};

/** Kubernetes' own kinds that are read or written here. Not Secret: nothing of ours reads one. */
export interface BuiltIns {
  readonly ConfigMap: BuiltIn<'ConfigMap', V1ConfigMap>;
  readonly CronJob: BuiltIn<'CronJob', V1CronJob>;
  readonly CustomResourceDefinition: BuiltIn<'CustomResourceDefinition', V1CustomResourceDefinition>;
  readonly Event: BuiltIn<'Event', EventsV1Event>;
  readonly Job: BuiltIn<'Job', V1Job>;
  readonly Lease: BuiltIn<'Lease', V1Lease>;
  readonly Namespace: BuiltIn<'Namespace', V1Namespace>;
  readonly PersistentVolumeClaim: BuiltIn<'PersistentVolumeClaim', V1PersistentVolumeClaim>;
  readonly Pod: BuiltIn<'Pod', V1Pod>;
  readonly SubjectAccessReview: BuiltIn<'SubjectAccessReview', V1SubjectAccessReview>;
  readonly TokenReview: BuiltIn<'TokenReview', V1TokenReview>;
}
export type Job = BuiltIns['Job'];
export type CronJob = BuiltIns['CronJob'];
export type Pod = BuiltIns['Pod'];
export type Lease = BuiltIns['Lease'];

export type AnyKind = KindName | keyof BuiltIns;

/** An object of a kind as the API server gives it. */
export type ObjectOf<Name extends AnyKind> = Name extends KindName ? Resource<Name> : Name extends keyof BuiltIns ? BuiltIns[Name] : never;

/** What names an object beside its kind. */
export interface ObjectName {
  /** Absent of kinds that lie in no namespace. */
  readonly namespace?: string;
  readonly name: string;
}

/** What the server makes is left out. Fields that the object's sender does not own are absent. */
export interface Draft<Name extends AnyKind> {
  readonly metadata: ObjectName & Partial<Omit<ObjectMeta, 'name' | 'namespace'>>;
  readonly spec?: unknown;
  readonly status?: unknown;
  readonly kind?: Name;
  readonly apiVersion?: string;
}

interface Endpoint {
  readonly apiVersion: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

const builtInEndpoints = {
  ConfigMap: { apiVersion: 'v1', plural: 'configmaps', namespaced: true },
  CronJob: { apiVersion: 'batch/v1', plural: 'cronjobs', namespaced: true },
  CustomResourceDefinition: { apiVersion: 'apiextensions.k8s.io/v1', plural: 'customresourcedefinitions', namespaced: false },
  Event: { apiVersion: 'events.k8s.io/v1', plural: 'events', namespaced: true },
  Job: { apiVersion: 'batch/v1', plural: 'jobs', namespaced: true },
  Lease: { apiVersion: 'coordination.k8s.io/v1', plural: 'leases', namespaced: true },
  Namespace: { apiVersion: 'v1', plural: 'namespaces', namespaced: false },
  PersistentVolumeClaim: { apiVersion: 'v1', plural: 'persistentvolumeclaims', namespaced: true },
  Pod: { apiVersion: 'v1', plural: 'pods', namespaced: true },
  SubjectAccessReview: { apiVersion: 'authorization.k8s.io/v1', plural: 'subjectaccessreviews', namespaced: false },
  TokenReview: { apiVersion: 'authentication.k8s.io/v1', plural: 'tokenreviews', namespaced: false },
} as const satisfies Record<keyof BuiltIns, Endpoint>;

/** Where the API serves a kind. */
export function endpointOf(kind: AnyKind): Endpoint {
  return isOurs(kind) ? { apiVersion, plural: kinds[kind].plural, namespaced: true } : builtInEndpoints[kind];
}

/** The path of a kind's list or, with a name, of one object. Without a namespace: of all namespaces. */
export function pathOf(kind: AnyKind, { namespace, name }: Partial<ObjectName>, subresource?: 'status' | 'log'): string {
  const endpoint = endpointOf(kind);
  const root = endpoint.apiVersion.includes('/') ? 'apis' : 'api';
  const segments = [
    ...(endpoint.namespaced && namespace !== undefined ? ['namespaces', namespace] : []),
    endpoint.plural,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ];
  return `/${root}/${endpoint.apiVersion}/${segments.map(encodeURIComponent).join('/')}`;
}

function isOurs(kind: AnyKind): kind is KindName {
  return kind in kinds;
}
