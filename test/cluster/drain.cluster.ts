import { afterAll, describe, expect, it } from '@jest/globals';
import { whileBackupsWait } from './database.ts';
import { eventually } from './eventually.ts';
import { type ClusterObject, useKubectl } from './kubectl.ts';
import { names } from './names.ts';
import { backup, repository } from './resources.ts';
import { removeBackups, untilCondition, untilPhase } from './runs.ts';

const kubectl = useKubectl(names.namespace);
const ours = 'app.kubernetes.io/name=holdfast';

/** As `kubectl drain` does, but for our pods only: through the Eviction API, which minds PodDisruptionBudgets. A lone node cannot be drained whole. */
async function evict({ metadata }: ClusterObject): Promise<void> {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: metadata.name, namespace: names.namespace } };
  const path = `/api/v1/namespaces/${names.namespace}/pods/${metadata.name}/eviction`;
  await eventually(`${metadata.name} may be evicted`, async () => {
    await kubectl.run(['create', '--raw', path, '--filename=-'], JSON.stringify(eviction));
    return true;
  });
}

const nodeOf = ({ spec }: ClusterObject): string => String(spec?.['nodeName']);

describe('a node is drained', () => {
  let cordoned: string | undefined;

  afterAll(async () => {
    if (cordoned !== undefined) await kubectl.run(['uncordon', cordoned]);
    await removeBackups(kubectl, 'drained');
  });

  it('ends the backup there without a failure counted, and the service goes on', async () => {
    await kubectl.apply(repository());
    await untilCondition(kubectl, 'backuprepositories', names.repository, 'Ready');
    await whileBackupsWait(kubectl, async () => {
      await kubectl.apply(backup('drained'));
      await untilPhase(kubectl, 'backup', 'drained', 'Running');
      const [running] = await kubectl.list('pods', 'holdfast.dev/run=drained');
      if (running === undefined) throw new Error('the backup has no pod');
      const node = nodeOf(running);
      if ((await kubectl.list('nodes')).length > 1) {
        cordoned = node;
        await kubectl.run(['cordon', node]);
      }
      for (const pod of (await kubectl.list('pods', ours)).filter((candidate) => nodeOf(candidate) === node)) await evict(pod);
    });
    // The repository's volume may be bound to the node.
    if (cordoned !== undefined) await kubectl.run(['uncordon', cordoned]);
    const { status } = await untilPhase(kubectl, 'backup', 'drained', 'Succeeded');
    const [job] = await kubectl.list('jobs', 'holdfast.dev/run=drained');
    expect(status?.['backupId']).toEqual(expect.any(String));
    expect(job?.status?.['failed'] ?? 0).toBe(0);
    for (const part of ['api', 'controller']) await kubectl.run(['rollout', 'status', `deployment/${names.release}-${part}`, '--timeout=5m']);
  });
});
