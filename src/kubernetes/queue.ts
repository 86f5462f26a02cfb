import type { ServicePart } from '../operations/lifecycle/lifecycle.ts';
import { backOff } from './back-off.ts';

export interface WorkQueueOptions<Key extends string> {
  readonly name: string;
  /** How many keys are worked on at once; never one key twice. */
  readonly workers: number;
  /** Brings one object to where it should be. `againInMs`: not a failure, but look again then. A failure is tried again, later each time. */
  readonly work: (key: Key, signal: AbortSignal) => Promise<{ readonly againInMs?: number | undefined } | void>;
  /** `failures` in a row of this key, this one included. Not called of work that was cut off. */
  readonly onFailure: (error: unknown, key: Key, failures: number) => void;
  readonly firstDelayMs?: number;
  readonly maxDelayMs?: number;
}

/** Keys that wait for work, each at most once. Add as often as you like. */
export interface WorkQueue<Key extends string> extends ServicePart {
  start(): void;
  /** Takes nothing more and lets what is in flight end; the signal's abort cuts it off. */
  stop(signal?: AbortSignal): Promise<void>;
  add(key: Key): void;
  /** An earlier time wins over a later one. */
  addAfter(key: Key, delayMs: number): void;
  /** Waiting and in flight, without those whose time has not come. */
  depth(): number;
  /** Returns once nothing waits or is worked on (delayed keys do not count). */
  idle(): Promise<void>;
}

interface Delayed {
  readonly atMs: number;
  readonly timer: NodeJS.Timeout;
}

const defaults = { firstDelayMs: 500, maxDelayMs: 300_000 };
/** Timers hold no more; whoever waits longer is looked at once in between. */
const longestTimerMs = 2 ** 31 - 1;

/** A queue for level-based work: a key stands for an object, what to do is found out when its turn comes. Nothing runs before `start`. */
export function createWorkQueue<Key extends string>({ name, workers, work, onFailure, firstDelayMs = defaults.firstDelayMs, maxDelayMs = defaults.maxDelayMs }: WorkQueueOptions<Key>): WorkQueue<Key> {
  const waiting = new Set<Key>();
  const inFlight = new Map<Key, Promise<void>>();
  /** Added while in flight: what the worker saw may be old already. */
  const again = new Set<Key>();
  const delayed = new Map<Key, Delayed>();
  const failures = new Map<Key, number>();
  const cut = new AbortController();
  const cutOff = () => cut.abort();
  const idleListeners: (() => void)[] = [];
  let state: 'new' | 'running' | 'stopped' = 'new';

  const add = (key: Key): void => {
    undelay(key);
    if (inFlight.has(key)) again.add(key);
    else waiting.add(key);
    // Not at once: adds of the same moment become one.
    queueMicrotask(dispatch);
  };
  const addAfter = (key: Key, delayMs: number): void => {
    const atMs = Date.now() + Math.min(Math.max(delayMs, 0), longestTimerMs);
    const before = delayed.get(key);
    if (state === 'stopped' || (before !== undefined && before.atMs <= atMs)) return;
    undelay(key);
    delayed.set(key, { atMs, timer: setTimeout(() => add(key), atMs - Date.now()) });
  };
  const undelay = (key: Key): void => {
    clearTimeout(delayed.get(key)?.timer);
    delayed.delete(key);
  };

  const dispatch = (): void => {
    for (const key of state === 'running' ? waiting : []) {
      if (inFlight.size >= workers) break;
      waiting.delete(key);
      inFlight.set(key, workOn(key));
    }
    if (waiting.size + inFlight.size > 0) return;
    for (const listener of idleListeners.splice(0)) listener();
  };

  const workOn = async (key: Key): Promise<void> => {
    try {
      const outcome = await work(key, cut.signal);
      failures.delete(key);
      if (outcome?.againInMs !== undefined) addAfter(key, outcome.againInMs);
    } catch (error) {
      if (!cut.signal.aborted) fail(error, key);
    } finally {
      inFlight.delete(key);
      // Looked at anew in any case: no need to wait for the time that the work asked for.
      if (again.delete(key)) add(key);
      else dispatch();
    }
  };

  const fail = (error: unknown, key: Key): void => {
    const count = (failures.get(key) ?? 0) + 1;
    failures.set(key, count);
    addAfter(key, backOff(count, { firstDelayMs, maxDelayMs }));
    onFailure(error, key, count);
  };

  return {
    name,
    start() {
      state = 'running';
      dispatch();
    },
    async stop(signal) {
      state = 'stopped';
      for (const key of delayed.keys()) undelay(key);
      signal?.addEventListener('abort', cutOff);
      if (signal?.aborted) cutOff();
      await Promise.all(inFlight.values());
      signal?.removeEventListener('abort', cutOff);
    },
    add,
    addAfter,
    depth: () => waiting.size + inFlight.size,
    async idle() {
      if (waiting.size + inFlight.size === 0) return;
      await new Promise<void>((resolve) => idleListeners.push(resolve));
    },
  };
}
