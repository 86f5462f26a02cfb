import type { Manifest } from '../chart.ts';

/** A rule of the tools that look at manifests, under the names that they give it. */
export interface Check {
  /** `kube-score pod-probes`, `Trivy KSV-0014`. */
  readonly names: readonly string[];
  /** What is wrong with an object, in a few words each; none when it holds, or says nothing of such objects. */
  readonly find: (manifest: Manifest, all: readonly Manifest[]) => readonly string[];
}

interface Quantities {
  readonly [resource: string]: string | undefined;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy?: string;
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly hostPort?: number }[];
  readonly resources?: { readonly requests?: Quantities; readonly limits?: Quantities };
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly livenessProbe?: object;
  readonly readinessProbe?: object;
  readonly startupProbe?: object;
  readonly securityContext?: {
    readonly privileged?: boolean;
    readonly allowPrivilegeEscalation?: boolean;
    readonly readOnlyRootFilesystem?: boolean;
    readonly procMount?: string;
    readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
  };
}

export interface Pod {
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: {
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly volumes?: readonly ({ readonly name: string } & Readonly<Record<string, unknown>>)[];
    readonly securityContext?: {
      readonly runAsNonRoot?: boolean;
      readonly runAsUser?: number;
      readonly runAsGroup?: number;
      readonly fsGroup?: number;
      readonly supplementalGroups?: readonly number[];
      readonly seccompProfile?: { readonly type: string };
      readonly seLinuxOptions?: object;
      readonly sysctls?: readonly object[];
    };
    readonly [field: string]: unknown;
  };
}

/** The pod that an object is, or makes. */
export function podOf({ kind, metadata, spec }: Manifest): Pod | undefined {
  if (kind === 'Pod') return { labels: metadata.labels ?? {}, spec };
  const template = kind === 'CronJob' ? spec.jobTemplate.spec.template : ['Deployment', 'Job'].includes(kind) ? spec.template : undefined;
  return template && { labels: template.metadata.labels, spec: template.spec };
}

/** A check of pods. */
export function podCheck(names: readonly string[], find: (pod: Pod, manifest: Manifest) => readonly string[]): Check {
  return {
    names,
    find: (manifest) => {
      const pod = podOf(manifest);
      return pod ? find(pod, manifest) : [];
    },
  };
}

/** A check of each container by what must hold of it. */
export function containerCheck(names: readonly string[], holds: (container: Container, pod: Pod) => boolean): Check {
  return podCheck(names, (pod) =>
    [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].filter((container) => !holds(container, pod)).map(({ name }) => `container ${name}`),
  );
}

/** A check of objects of some kinds by what must hold of them. */
export function kindCheck(names: readonly string[], kinds: readonly string[], holds: (manifest: Manifest, all: readonly Manifest[]) => boolean): Check {
  return { names, find: (manifest, all) => (kinds.includes(manifest.kind) && !holds(manifest, all) ? [manifest.kind] : []) };
}

export function selects(selector: Readonly<Record<string, string>> | undefined, labels: Readonly<Record<string, string>>): boolean {
  return selector !== undefined && Object.entries(selector).every(([key, value]) => labels[key] === value);
}
