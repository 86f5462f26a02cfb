import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from '../../../src/kubernetes/client.ts';
import { connect, type Connection } from '../../../src/kubernetes/connect.ts';
import type { Pod } from '../../../src/kubernetes/objects.ts';
import { stepCronJobs } from './cron-jobs.ts';
import { stepJobs } from './jobs.ts';
import { createPods } from './pods.ts';

/** What the parts of a node share. */
export interface Controls {
  readonly client: Client;
  readonly connection: Connection;
  readonly signal: AbortSignal;
  /** The time of CronJobs, deadlines and statuses. */
  readonly now: () => Date;
  /** Pause before the second pod of a Job; doubles with each failure. */
  readonly retryDelayMs: number;
  readonly folder: string;
  /** Where a claim's files lie. */
  readonly claimFolder: (namespace: string, name: string) => string;
  readonly imageEnvironment: Readonly<Record<string, string>>;
  readonly onTrouble: (error: unknown) => void;
}

export interface NodeOptions {
  /** Of somebody who may read Secrets and write statuses. */
  readonly kubeconfig: string;
  /** For claims and pods. Not below a folder that only its owner may enter. */
  readonly folder: string;
  readonly now?: () => Date;
  readonly retryDelayMs?: number;
  /** Beside PATH and HOME. */
  readonly imageEnvironment?: Readonly<Record<string, string>>;
}

export interface Node {
  claimFolder(namespace: string, name: string): string;
  evict(pod: Pod): void;
  kill(pod: Pod): void;
  logOf(pod: Pod): Promise<string>;
  /** Throws what went wrong in the node itself since it started: an AggregateError. */
  stop(): Promise<void>;
}

const paceMs = 200;
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Starts a node with its kubelet and the controllers of CronJobs and Jobs; each looks at everything a few times a second. */
export function startNode({ kubeconfig, folder, now = () => new Date(), retryDelayMs = 10_000, imageEnvironment = {} }: NodeOptions): Node {
  const connection = connect({ environment: {}, userAgent: 'kubelet', kubeconfig });
  const abort = new AbortController();
  const troubles: unknown[] = [];
  const onTrouble = (error: unknown): void => {
    if (!abort.signal.aborted) troubles.push(error);
  };
  const claimFolder = (namespace: string, name: string): string => join(folder, 'claims', namespace, name);
  const controls: Controls = {
    client: createClient({ connection, fieldManager: 'kubelet' }),
    connection,
    signal: abort.signal,
    now,
    retryDelayMs,
    folder,
    claimFolder,
    imageEnvironment: { PATH: path, HOME: '/tmp', NODE_ENV: 'production', ...imageEnvironment },
    onTrouble,
  };
  const pods = createPods(controls);
  const keepGoing = async (): Promise<void> => {
    while (!abort.signal.aborted) {
      for (const step of [() => stepCronJobs(controls), () => stepJobs(controls), () => pods.step()]) await step().catch(onTrouble);
      await sleep(paceMs, undefined, { signal: abort.signal }).catch(() => undefined);
    }
  };
  const loop = keepGoing();
  return {
    claimFolder,
    evict: (pod) => { pods.evict(pod); },
    kill: (pod) => { pods.kill(pod); },
    logOf: async (pod) => pods.logOf(pod),
    stop: async () => {
      abort.abort();
      await loop;
      await pods.close();
      await connection.close();
      if (troubles.length > 0) throw new AggregateError(troubles, 'the node had trouble');
    },
  };
}
