import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { isClusterError } from '../../../src/kubernetes/cluster-errors.ts';
import type { Pod } from '../../../src/kubernetes/objects.ts';
import { type RunningContainer, startContainer } from './container.ts';
import type { Controls } from './node.ts';
import { NotMountable, prepareVolumes } from './volumes.ts';

type PodStatus = NonNullable<Pod['status']>;
type Condition = NonNullable<PodStatus['conditions']>[number];
type ContainerState = NonNullable<NonNullable<PodStatus['containerStatuses']>[number]['state']>;

interface RunningPod {
  readonly pod: Pod;
  readonly container: RunningContainer;
  /** Why it is made to end, for its status: an eviction. */
  disruption?: Condition;
  isEnding?: true;
}

/** The pods of this node. */
export interface Pods {
  /** One look at every pod: starts what waits, ends what was deleted. */
  step(): Promise<void>;
  /** As a drained node does: DisruptionTarget, SIGTERM, Failed. */
  evict(pod: Pod): void;
  /** As the kernel does when memory runs out: exit code 137. */
  kill(pod: Pod): void;
  logOf(pod: Pod): Promise<string>;
  /** Kills all that runs. */
  close(): Promise<void>;
}

export function createPods(controls: Controls): Pods {
  const running = new Map<string, RunningPod>();
  const folderOf = ({ metadata }: Pod): string => join(controls.folder, 'pods', metadata.uid ?? '');

  const start = async (pod: Pod): Promise<void> => {
    const { metadata, spec } = pod;
    if (!spec) return;
    try {
      const binds = await prepareVolumes(controls, { namespace: metadata.namespace, spec, folder: join(folderOf(pod), 'volumes') });
      const container = await startContainer({ folder: folderOf(pod), spec, binds, environment: controls.imageEnvironment });
      const entry: RunningPod = { pod, container };
      running.set(metadata.uid ?? '', entry);
      const startedAt = controls.now().toISOString();
      await writeStatus(controls, pod, { phase: 'Running', startTime: startedAt, ...containerStatus(pod, { running: { startedAt } }) });
      void finish(entry, startedAt);
    } catch (error) {
      if (!(error instanceof NotMountable)) throw error;
      await writeStatus(controls, pod, { phase: 'Pending', ...containerStatus(pod, { waiting: { reason: 'CreateContainerConfigError', message: error.message } }) });
    }
  };

  const finish = async (entry: RunningPod, startedAt: string): Promise<void> => {
    const { pod, container } = entry;
    const { exitCode, message } = await container.ended;
    const terminated = { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', startedAt, finishedAt: controls.now().toISOString(), ...(message !== '' && { message }) };
    const phase = exitCode === 0 && !entry.disruption ? 'Succeeded' : 'Failed';
    try {
      await writeStatus(controls, pod, { phase, ...(entry.disruption && { conditions: [entry.disruption] }), ...containerStatus(pod, { terminated }) });
    } catch (error) {
      controls.onTrouble(error);
    }
    running.delete(pod.metadata.uid ?? '');
  };

  const entryOf = ({ metadata }: Pod): RunningPod => {
    const entry = running.get(metadata.uid ?? '');
    if (!entry) throw new Error(`the pod ${metadata.name} does not run here`);
    return entry;
  };

  return {
    step: async () => {
      const pods = await Array.fromAsync(controls.client.list('Pod', {}, controls));
      const waiting = pods.filter(({ metadata, status }) => !running.has(metadata.uid ?? '') && (status?.phase ?? 'Pending') === 'Pending');
      for (const pod of waiting) await start(pod);
      const listed = new Set(pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.uid));
      for (const entry of running.values()) if (!listed.has(entry.pod.metadata.uid)) end(entry);
    },
    evict: (pod) => {
      const entry = entryOf(pod);
      entry.disruption = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting', lastTransitionTime: controls.now().toISOString() };
      end(entry);
    },
    kill: (pod) => { entryOf(pod).container.kill(); },
    logOf: (pod) => readFile(join(folderOf(pod), 'log'), 'utf8'),
    close: async () => {
      for (const { container } of running.values()) container.kill();
      await Promise.allSettled([...running.values()].map(({ container }) => container.ended));
    },
  };
}

/** Once: looks at a pod that ends change nothing. */
function end(entry: RunningPod): void {
  if (entry.isEnding) return;
  entry.isEnding = true;
  entry.container.terminate((entry.pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000);
}

function containerStatus({ spec }: Pod, state: ContainerState): Pick<PodStatus, 'containerStatuses'> {
  const { name = '', image = '' } = spec?.containers[0] ?? {};
  return { containerStatuses: [{ name, image, imageID: '', ready: false, restartCount: 0, state }] };
}

/** A pod that was deleted meanwhile has no status to write. */
async function writeStatus({ client, signal }: Controls, { metadata }: Pod, status: Partial<PodStatus>): Promise<void> {
  try {
    await client.patch('Pod', metadata, { status }, { subresource: 'status', signal });
  } catch (error) {
    if (!isClusterError(error, 'OBJECT_NOT_FOUND')) throw error;
  }
}
