import type { Pod } from '../../kubernetes/objects.ts';

export type PodSpec = NonNullable<Pod['spec']>;
export type Container = PodSpec['containers'][number];
export type Volume = NonNullable<PodSpec['volumes']>[number];
export type VolumeMount = NonNullable<Container['volumeMounts']>[number];
export type EnvironmentVariable = NonNullable<Container['env']>[number];

/** What one thing that a run needs adds to its pod. */
export interface Mounted {
  readonly env: readonly EnvironmentVariable[];
  readonly volumes: readonly Volume[];
  readonly mounts: readonly VolumeMount[];
}

/** Files of a Secret or ConfigMap: readable for the pod's group, by nobody else. */
const fileMode = 0o440;

/** Keys of a Secret as files, item by item: what somebody puts beside them is not mounted. */
export function mountSecret(volume: string, secretName: string, items: readonly { readonly key: string; readonly path: string }[], env: Readonly<Record<string, string>>): Mounted {
  return mountFiles({ name: volume, secret: { secretName, items: [...items], defaultMode: fileMode } }, `/secrets/${volume}`, env);
}

/** Keys of several Secrets as the files of one folder. */
export function mountSecrets(volume: string, secrets: readonly { readonly name: string; readonly key: string; readonly path: string }[], env: Readonly<Record<string, string>>): Mounted {
  const sources = secrets.map(({ name, key, path }) => ({ secret: { name, items: [{ key, path }] } }));
  return mountFiles({ name: volume, projected: { sources, defaultMode: fileMode } }, `/secrets/${volume}`, env);
}

export function mountConfigMap(volume: string, name: string, items: readonly { readonly key: string; readonly path: string }[]): Mounted {
  return mountFiles({ name: volume, configMap: { name, items: [...items], defaultMode: fileMode } }, `/${volume}`, {});
}

/** A claim at `/<volume>`; writable, for an SQLite reader too takes part in the locks beside the database. */
export function mountClaim(volume: string, claimName: string, env: Readonly<Record<string, string>>): Mounted {
  return { env: variables(env), volumes: [{ name: volume, persistentVolumeClaim: { claimName } }], mounts: [{ name: volume, mountPath: `/${volume}` }] };
}

/** Values that are no secret. */
export function variables(values: Readonly<Record<string, string | number | boolean | undefined>>): EnvironmentVariable[] {
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value: String(value) }]));
}

export function mountAll(parts: readonly Mounted[]): Mounted {
  return { env: parts.flatMap(({ env }) => env), volumes: parts.flatMap(({ volumes }) => volumes), mounts: parts.flatMap(({ mounts }) => mounts) };
}

function mountFiles(volume: Volume, mountPath: string, env: Readonly<Record<string, string>>): Mounted {
  return { env: variables(env), volumes: [volume], mounts: [{ name: volume.name, mountPath, readOnly: true }] };
}
