import type { Pod } from '../../kubernetes/objects.ts';
import { defineCommand, type PluginContext } from '../command.ts';
import { pluginErrors } from '../plugin-errors.ts';
import { type RunKind, runReference } from '../wait-for-run.ts';

const kinds = { backup: 'Backup', restore: 'Restore', drill: 'Drill' } as const satisfies Record<string, RunKind>;

/** Kubernetes' own, on every pod of a Job. */
const jobLabel = 'batch.kubernetes.io/job-name';

export const logsCommand = defineCommand({
  name: 'logs',
  words: ['<kind>/<name>'],
  summary: { en: 'what the pods of a backup, restore or drill say: logs backup/shop-20260116', zh: '查看备份、恢复或演练 Pod 的日志：logs backup/shop-20260116' },
  options: { follow: { type: 'boolean', short: 'f', description: { en: 'go on until it is over', zh: '持续输出直到结束' } } },
  async run(context, [reference = ''], { follow = false }) {
    const { client, namespace, stdout, stderr, signal } = context;
    const { kind, name } = readReference(reference);
    const { status } = await client.get(kind, { namespace, name }, { signal });
    const pods = status?.jobName === undefined ? [] : await podsOf(context, status.jobName);
    if (pods.length === 0) throw pluginErrors.RUN_HAS_NO_JOB({ run: runReference(kind, name) });
    for (const [index, pod] of pods.entries()) {
      const isLast = index === pods.length - 1;
      // Of a run that was tried again, which words are of which try.
      if (pods.length > 1) stderr.write(`${pod.metadata.name}\n`);
      for await (const line of client.logs({ namespace, name: pod.metadata.name }, { follow: follow && isLast, signal })) stdout.write(`${line}\n`);
    }
    return 0;
  },
});

function readReference(reference: string): { readonly kind: RunKind; readonly name: string } {
  const [kind = '', name = ''] = reference.split('/');
  if (!Object.hasOwn(kinds, kind) || name === '') throw pluginErrors.PLUGIN_USAGE_INVALID({ problem: reference });
  return { kind: kinds[kind as keyof typeof kinds], name };
}

/** Oldest first: one a try. */
async function podsOf({ client, namespace, signal }: PluginContext, jobName: string): Promise<Pod[]> {
  const pods: Pod[] = [];
  for await (const pod of client.list('Pod', { namespace, labelSelector: `${jobLabel}=${jobName}` }, { signal })) pods.push(pod);
  return pods.toSorted((one, other) => Date.parse(one.metadata.creationTimestamp ?? '') - Date.parse(other.metadata.creationTimestamp ?? ''));
}
