import type { Schema } from './schema/schema.ts';

/** One resource that the server serves: built in, or defined by a CustomResourceDefinition. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** Status is written by its subresource only. */
  readonly status: boolean;
  /** Its replicas are a subresource too. */
  readonly scaled: boolean;
  /** Whether `metadata.generation` counts changes of what is wanted. */
  readonly counted: boolean;
  /** Of custom resources. */
  readonly schema?: Schema;
  readonly columns?: readonly PrinterColumn[];
}

export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly priority?: number;
  readonly description?: string;
  readonly format?: string;
}

/** `batch/jobs`: one kind of object whatever version it is asked for in. */
export function storageKey(type: Pick<ResourceType, 'group' | 'plural'>): string {
  return `${type.group}/${type.plural}`;
}

export function apiVersionOf({ group, version }: Pick<ResourceType, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}

type Trait = 'status' | 'cluster' | 'counted' | 'scaled';

function builtIn(apiVersion: string, kind: string, plural: string, shortNames: readonly string[] = [], traits: readonly Trait[] = []): ResourceType {
  const [version = '', group = ''] = apiVersion.split('/').toReversed();
  return {
    group, version, kind, plural, shortNames,
    singular: kind.toLowerCase(),
    namespaced: !traits.includes('cluster'),
    categories: [],
    status: traits.includes('status'),
    scaled: traits.includes('scaled'),
    counted: traits.includes('counted'),
  };
}

/** What the chart installs and Holdfast talks to. */
export const builtInTypes: readonly ResourceType[] = [
  builtIn('v1', 'Namespace', 'namespaces', ['ns'], ['cluster', 'status']),
  builtIn('v1', 'Node', 'nodes', ['no'], ['cluster', 'status']),
  builtIn('v1', 'Pod', 'pods', ['po'], ['status', 'counted']),
  builtIn('v1', 'Event', 'events', ['ev']),
  builtIn('v1', 'ConfigMap', 'configmaps', ['cm']),
  builtIn('v1', 'Secret', 'secrets'),
  builtIn('v1', 'Service', 'services', ['svc'], ['status']),
  builtIn('v1', 'ServiceAccount', 'serviceaccounts', ['sa']),
  builtIn('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', ['pvc'], ['status']),
  builtIn('events.k8s.io/v1', 'Event', 'events', ['ev']),
  builtIn('batch/v1', 'Job', 'jobs', [], ['status', 'counted']),
  builtIn('batch/v1', 'CronJob', 'cronjobs', ['cj'], ['status', 'counted']),
  builtIn('apps/v1', 'Deployment', 'deployments', ['deploy'], ['status', 'scaled', 'counted']),
  builtIn('apps/v1', 'ReplicaSet', 'replicasets', ['rs'], ['status', 'scaled', 'counted']),
  builtIn('apps/v1', 'StatefulSet', 'statefulsets', ['sts'], ['status', 'scaled', 'counted']),
  builtIn('coordination.k8s.io/v1', 'Lease', 'leases'),
  builtIn('rbac.authorization.k8s.io/v1', 'Role', 'roles'),
  builtIn('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings'),
  builtIn('rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles', [], ['cluster']),
  builtIn('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'clusterrolebindings', [], ['cluster']),
  builtIn('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', ['netpol'], ['counted']),
  builtIn('networking.k8s.io/v1', 'Ingress', 'ingresses', ['ing'], ['status', 'counted']),
  builtIn('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', ['pdb'], ['status', 'counted']),
  builtIn('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', ['hpa'], ['status']),
  builtIn('scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses', ['pc'], ['cluster', 'counted']),
  builtIn('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', 'validatingadmissionpolicies', [], ['cluster', 'status', 'counted']),
  builtIn('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings', [], ['cluster', 'counted']),
  builtIn('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', ['crd', 'crds'], ['cluster', 'status', 'counted']),
  builtIn('authentication.k8s.io/v1', 'TokenReview', 'tokenreviews', [], ['cluster']),
  builtIn('authorization.k8s.io/v1', 'SubjectAccessReview', 'subjectaccessreviews', [], ['cluster']),
  builtIn('authorization.k8s.io/v1', 'SelfSubjectAccessReview', 'selfsubjectaccessreviews', [], ['cluster']),
];
