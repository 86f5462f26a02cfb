import { Worker } from 'node:worker_threads';
import { createHeartbeat, type Heartbeat } from '../health/heartbeat.ts';
import type { ServicePart } from '../lifecycle/lifecycle.ts';
import type { Logger } from '../logging.ts';
import { serverErrors } from '../lifecycle/server-errors.ts';
import { type AnswerOptions, createAnswer } from './answer.ts';
import type { FromListener, ListenerSettings, ToListener } from './exchange.ts';

export interface ManagementOptions extends AnswerOptions {
  /** Who can connect can read what the service is made of: an address of the pod's network, never of the public one. */
  readonly host: string;
  /** 0 takes a free one; `port()` tells which. */
  readonly port: number;
  /** How long the event loop may stand still before `/livez` says that it hangs. */
  readonly hungAfterMs?: number;
  /** Further loops that the process cannot live without. */
  readonly heartbeats?: readonly Heartbeat[];
  readonly answerTimeoutMs?: number;
}

export interface ManagementServer extends ServicePart {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The port that it listens on. Throws before `start`. */
  port(): number;
}

const beatMs = 200;

/**
 * The management port: probes, metrics, inspection. It listens on a thread of its own, which answers `/livez` by itself and
 * asks this thread for the rest. Start it first and stop it last, so that probes are answered all the while.
 */
export function createManagementServer({
  host,
  port,
  hungAfterMs = 15_000,
  heartbeats = [],
  answerTimeoutMs = 10_000,
  ...answerOptions
}: ManagementOptions): ManagementServer {
  const { log } = answerOptions;
  const answer = createAnswer(answerOptions);
  let worker: Worker | undefined;
  let beating: NodeJS.Timeout | undefined;
  let listeningPort: number | undefined;

  return {
    name: 'management port',
    async start() {
      const loop = createHeartbeat({ name: 'event_loop', limitMs: hungAfterMs });
      beating = setInterval(loop.beat, beatMs);
      const shared = [loop, ...heartbeats].map((heartbeat) => heartbeat.shared);
      const settings: ListenerSettings = { host, port, answerTimeoutMs, heartbeats: shared, logName: nameOf(log) };
      // Nothing of the process's start (instrumentation, environment) belongs into the listener.
      const started = new Worker(new URL('./listener.ts', import.meta.url), { workerData: settings, execArgv: [], env: {}, name: 'management' });
      worker = started;
      listeningPort = await new Promise<number>((resolve, reject) => {
        started.on('message', (message: FromListener) => {
          if (message.type === 'listening') resolve(message.port);
          else if (message.type === 'refused') reject(serverErrors.LISTEN_REFUSED({ address: `${host}:${port}`, reason: message.reason }));
          else void reply(started, message.id, answer(message.request));
        });
        started.on('error', (err) => {
          // Without it the probes fail, and the kubelet restarts the process: nothing is to be done here but to say why.
          log.error({ err }, 'the management thread died');
          reject(err);
        });
      });
      log.info({ host, port: listeningPort }, 'management port listens');
    },
    async stop() {
      clearInterval(beating);
      await worker?.terminate();
    },
    port() {
      if (listeningPort === undefined) throw new Error('the management port does not listen');
      return listeningPort;
    },
  };
}

function nameOf(log: Logger): string {
  const { name } = log.bindings();
  return typeof name === 'string' ? name : 'management';
}

async function reply(worker: Worker, id: number, answer: Promise<ToListener['answer']>): Promise<void> {
  const message: ToListener = { id, answer: await answer };
  worker.postMessage(message, []);
}
