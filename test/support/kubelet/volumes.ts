import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { PodSpec, Volume } from '../../../src/controller/pods/mounts.ts';
import type { Controls } from './node.ts';

/** A folder of this machine, and where the container sees it. */
export interface Bind {
  readonly from: string;
  readonly to: string;
  readonly readOnly: boolean;
}

/** What a pod waits for: its Secret, ConfigMap or claim is not there, or lacks a key. */
export class NotMountable extends Error {}

/** Makes a folder of each volume below `folder`, and says where each is mounted. Throws NotMountable. */
export async function prepareVolumes(controls: Controls, { namespace, spec, folder }: { readonly namespace: string; readonly spec: PodSpec; readonly folder: string }): Promise<Bind[]> {
  const group = spec.securityContext?.fsGroup ?? 0;
  const folders = new Map<string, string>();
  for (const volume of spec.volumes ?? []) folders.set(volume.name, await prepare(controls, { namespace, volume, group, folder: join(folder, volume.name) }));
  return (spec.containers[0]?.volumeMounts ?? []).map(({ name, mountPath, readOnly = false }) => ({ from: folders.get(name) ?? '', to: mountPath, readOnly }));
}

interface Preparation {
  readonly namespace: string;
  readonly volume: Volume;
  readonly group: number;
  readonly folder: string;
}

async function prepare(controls: Controls, { namespace, volume, group, folder }: Preparation): Promise<string> {
  const { secret, projected, configMap, persistentVolumeClaim: claim } = volume;
  if (claim) return prepareClaim(controls, { namespace, name: claim.claimName, group });
  await mkdir(folder, { recursive: true });
  await chown(folder, 0, group);
  await chmod(folder, volume.emptyDir ? 0o2777 : 0o750);
  const write = (items: Items, values: Readonly<Record<string, Buffer>>, mode: number | undefined) => writeItems(folder, items, values, { mode: mode ?? 0o644, group });
  if (secret) await write(secret.items ?? [], await readSecret(controls, namespace, secret.secretName ?? ''), secret.defaultMode);
  for (const source of projected?.sources ?? []) await write(source.secret?.items ?? [], await readSecret(controls, namespace, source.secret?.name ?? ''), projected?.defaultMode);
  if (configMap) await write(configMap.items ?? [], await readConfigMap(controls, namespace, configMap.name ?? ''), configMap.defaultMode);
  return folder;
}

type Items = readonly { readonly key: string; readonly path: string }[];

async function writeItems(folder: string, items: Items, values: Readonly<Record<string, Buffer>>, { mode, group }: { readonly mode: number; readonly group: number }): Promise<void> {
  for (const { key, path } of items) {
    const value = values[key];
    if (value === undefined) throw new NotMountable(`references non-existent key: ${key}`);
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, value, { mode });
    await chown(file, 0, group);
    await chmod(file, mode);
  }
}

/** The claim's folder, with the group of the pod where its root has another: `OnRootMismatch`. */
async function prepareClaim(controls: Controls, { namespace, name, group }: { readonly namespace: string; readonly name: string; readonly group: number }): Promise<string> {
  if (!(await controls.client.find('PersistentVolumeClaim', { namespace, name }, controls))) throw new NotMountable(`persistentvolumeclaim "${name}" not found`);
  const folder = controls.claimFolder(namespace, name);
  await mkdir(folder, { recursive: true });
  if (group !== 0 && (await stat(folder)).gid !== group) {
    await promisify(execFile)('sh', ['-euc', 'chgrp -R "$1" "$0"; chmod -R g+rwX "$0"; find "$0" -type d -exec chmod g+s {} +', folder, String(group)]);
  }
  return folder;
}

async function readSecret({ connection, signal }: Controls, namespace: string, name: string): Promise<Record<string, Buffer>> {
  const answer = await connection.send({ method: 'GET', path: `/api/v1/namespaces/${namespace}/secrets/${name}`, signal });
  if (answer.status !== 200) throw new NotMountable(`secret "${name}" not found`);
  const { data = {} } = JSON.parse(await answer.text()) as { data?: Record<string, string> };
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64')]));
}

async function readConfigMap(controls: Controls, namespace: string, name: string): Promise<Record<string, Buffer>> {
  const configMap = await controls.client.find('ConfigMap', { namespace, name }, controls);
  if (!configMap) throw new NotMountable(`configmap "${name}" not found`);
  return Object.fromEntries(Object.entries(configMap.data ?? {}).map(([key, value]) => [key, Buffer.from(value)]));
}
