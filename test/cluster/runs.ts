import { eventually } from './eventually.ts';
import type { ClusterObject, Kubectl } from './kubectl.ts';

/** Waits until a Backup, Restore or Drill has come so far. Throws at once where it failed instead. */
export async function untilPhase(kubectl: Kubectl, kind: 'backup' | 'restore' | 'drill', name: string, phase: 'Pending' | 'Running' | 'Succeeded'): Promise<ClusterObject> {
  const object = await eventually(`${kind} ${name} is ${phase}`, async () => {
    const found = await kubectl.get(`${kind}s.holdfast.dev`, name);
    return [phase, 'Succeeded', 'Failed'].includes(String(found.status?.['phase'])) ? found : undefined;
  });
  if (object.status?.['phase'] === 'Failed') throw new Error(`${kind} ${name} failed: ${JSON.stringify(object.status)}`);
  return object;
}

export async function untilCondition(kubectl: Kubectl, kind: string, name: string, type: string): Promise<ClusterObject> {
  return eventually(`${kind} ${name} is ${type}`, async () => {
    const found = await kubectl.get(kind, name);
    const conditions = (found.status?.['conditions'] ?? []) as readonly { readonly type: string; readonly status: string }[];
    if (conditions.some((condition) => condition.type === type && condition.status === 'True')) return found;
    throw new Error(JSON.stringify(conditions));
  });
}

/** The Jobs made for a run: never more than one. */
export async function jobsOf(kubectl: Kubectl, run: string): Promise<ClusterObject[]> {
  return kubectl.list('jobs', `holdfast.dev/run=${run}`);
}

/** Also one that is the last proven of its source. */
export async function removeBackups(kubectl: Kubectl, ...backups: readonly string[]): Promise<void> {
  await kubectl.run(['annotate', 'backups.holdfast.dev', '--all', 'holdfast.dev/allow-delete=true', '--overwrite']);
  await kubectl.remove('backups.holdfast.dev', ...backups);
}
