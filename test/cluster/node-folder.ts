import type { Kubectl } from './kubectl.ts';
import { eventually } from './eventually.ts';
import { names } from './names.ts';

const path = '/var/lib/holdfast-e2e';

/** A folder on a node and a volume of it, for clusters that make no volumes by themselves. Made again it is empty. */
export async function makeNodeFolder(kubectl: Kubectl, jobImage: string): Promise<void> {
  const node = await chooseNode(kubectl);
  await runOnNode(kubectl, node, jobImage, `rm -rf /host${path} && mkdir -p /host${path}/repository && chown 65532:65532 /host${path}/repository`);
  await kubectl.apply({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: names.volume },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: names.storageClass,
      local: { path: `${path}/repository` },
      claimRef: { namespace: names.namespace, name: names.repositoryClaim },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [hostname(node)] }] }] } },
    },
  });
}

/** Removes what `makeNodeFolder` made, contents included. */
export async function removeNodeFolder(kubectl: Kubectl, jobImage: string): Promise<void> {
  const volume = (await kubectl.list('persistentvolumes')).find(({ metadata }) => metadata.name === names.volume);
  if (volume === undefined) return;
  const wanted = JSON.stringify(volume.spec?.['nodeAffinity']);
  const node = (await kubectl.list('nodes')).find((candidate) => wanted.includes(`"${hostname(candidate)}"`));
  if (node !== undefined) await runOnNode(kubectl, node, jobImage, `rm -rf /host${path}`);
  await kubectl.remove('persistentvolumes', names.volume);
}

type Node = Awaited<ReturnType<Kubectl['get']>>;

async function chooseNode(kubectl: Kubectl): Promise<Node> {
  const node = (await kubectl.list('nodes')).find(({ spec }) => spec?.['unschedulable'] !== true && !JSON.stringify(spec?.['taints'] ?? []).includes('NoSchedule'));
  if (node === undefined) throw new Error('The cluster has no node that pods may run on.');
  return node;
}

function hostname({ metadata }: Node): string {
  return metadata.labels?.['kubernetes.io/hostname'] ?? metadata.name;
}

async function runOnNode(kubectl: Kubectl, node: Node, image: string, line: string): Promise<void> {
  const name = 'node-folder';
  await kubectl.remove('pods', name);
  await kubectl.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: kubectl.namespace },
    spec: {
      nodeName: node.metadata.name,
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      containers: [{ name, image, command: ['sh', '-c', line], securityContext: { runAsUser: 0, runAsGroup: 0 }, volumeMounts: [{ name: 'host', mountPath: '/host/var/lib' }] }],
      volumes: [{ name: 'host', hostPath: { path: '/var/lib' } }],
    },
  });
  await eventually(`a pod on ${node.metadata.name} did: ${line}`, async () => {
    const { status } = await kubectl.get('pod', name);
    if (status?.['phase'] === 'Failed') throw new Error(await kubectl.run(['logs', name]));
    return status?.['phase'] === 'Succeeded' ? true : undefined;
  }, 120_000);
  await kubectl.remove('pods', name);
}
