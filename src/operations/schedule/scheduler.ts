import { setTimeout as sleep } from 'node:timers/promises';
import type { AreaError } from '../errors.ts';
import { createHeartbeat, type Heartbeat } from '../health/heartbeat.ts';
import { guarded } from '../http/wrap-handler.ts';
import type { ServicePart } from '../lifecycle/lifecycle.ts';
import type { Logger } from '../logging.ts';
import type { ScheduledTask } from '../management/answer.ts';
import type { ErrorTracking } from '../sentry/error-tracking.ts';

/** Work that a process does by itself, again and again. Every replica does it: it must bear being done twice. */
export interface Task {
  /** `delete-expired-sessions` */
  readonly name: string;
  readonly everyMs: number;
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** What an unexpected failure of it is logged and reported as. */
  readonly areaError: AreaError;
}

export interface Scheduler extends ServicePart {
  start(): void;
  stop(): Promise<void>;
  /** Beats while the scheduler turns: what `heartbeatCheck` looks at. */
  readonly heartbeat: Heartbeat;
  /** For the management port. */
  tasks(): readonly ScheduledTask[];
}

interface Turn {
  readonly task: Task;
  readonly work: () => Promise<void>;
  nextMs: number;
  running: boolean;
  last?: { readonly at: string; readonly outcome: string };
}

const tickMs = 1_000;
const silentAfterMs = 15_000;

/**
 * Runs tasks at intervals, none beside itself, the first time one interval after the start give or take a tenth: replicas that
 * started together do not work together. A failure is logged, reported, and tried again at the next turn.
 */
export function createScheduler({ tasks, log, tracking }: { readonly tasks: readonly Task[]; readonly log: Logger; readonly tracking: ErrorTracking }): Scheduler {
  const heartbeat = createHeartbeat({ name: 'scheduler', limitMs: silentAfterMs });
  const stopping = new AbortController();
  const turns = tasks.map((task): Turn => ({ task, work: workOf(task, { log, tracking, signal: stopping.signal }), nextMs: Infinity, running: false }));
  const inFlight = new Set<Promise<void>>();
  let loop: Promise<void> | undefined;

  const tick = (): void => {
    heartbeat.beat();
    for (const turn of turns) {
      if (turn.running || Date.now() < turn.nextMs) continue;
      const run = runTurn(turn).finally(() => inFlight.delete(run));
      inFlight.add(run);
    }
  };
  return {
    name: 'scheduler',
    heartbeat,
    start() {
      for (const turn of turns) turn.nextMs = nextOf(turn.task);
      loop = turnUntil(stopping.signal, tick);
    },
    async stop() {
      stopping.abort();
      await loop;
      await Promise.all(inFlight);
    },
    tasks: () =>
      turns.map(({ task, last, nextMs }) => ({
        name: task.name,
        schedule: `every ${task.everyMs / 1000} s`,
        ...(last && { lastRun: last }),
        ...(nextMs !== Infinity && { nextRun: new Date(nextMs).toISOString() }),
      })),
  };
}

async function turnUntil(signal: AbortSignal, tick: () => void): Promise<void> {
  while (!signal.aborted) {
    tick();
    await sleep(tickMs, undefined, { signal }).catch(() => undefined);
  }
}

async function runTurn(turn: Turn): Promise<void> {
  turn.running = true;
  const at = new Date().toISOString();
  try {
    await turn.work();
    turn.last = { at, outcome: 'done' };
  } catch {
    // `guarded` has logged and reported it.
    turn.last = { at, outcome: 'failed' };
  } finally {
    turn.nextMs = nextOf(turn.task);
    turn.running = false;
  }
}

function workOf({ name, run, areaError }: Task, { log, tracking, signal }: { readonly log: Logger; readonly tracking: ErrorTracking; readonly signal: AbortSignal }): () => Promise<void> {
  let count = 0;
  return guarded(areaError, { task: name, log, report: tracking.report }, async () => {
    count += 1;
    try {
      await tracking.runTask({ queue: 'schedule', id: `${name}-${count}` }, async () => run(signal));
    } catch (error) {
      // Cut off by the end of the process: not a failure.
      if (!signal.aborted) throw error;
    }
  });
}

function nextOf({ everyMs }: Task): number {
  return Date.now() + everyMs * (0.9 + Math.random() * 0.2);
}
