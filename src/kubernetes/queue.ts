import type { ServicePart } from '../operations/lifecycle/lifecycle.ts';

export interface WorkQueueOptions<Key extends string> {
  readonly name: string;
  /** How many keys are worked on at once; never one key twice. */
  readonly workers: number;
  /** Brings one object to where it should be. `againInMs`: not a failure, but look again then. A failure is tried again, later each time. */
  readonly work: (key: Key, signal: AbortSignal) => Promise<{ readonly againInMs?: number | undefined } | void>;
  /** `failures` in a row of this key, this one included. */
  readonly onFailure: (error: unknown, key: Key, failures: number) => void;
  readonly firstDelayMs?: number;
  readonly maxDelayMs?: number;
}

/** Keys that wait for work, each at most once. Add as often as you like. */
export interface WorkQueue<Key extends string> extends ServicePart {
  start(): void;
  /** Takes nothing more, lets what is in flight end; the signal's abort cuts it off. */
  stop(signal?: AbortSignal): Promise<void>;
  add(key: Key): void;
  addAfter(key: Key, delayMs: number): void;
  /** Waiting and in flight, without those whose time has not come. */
  depth(): number;
  /** Returns once nothing waits or is worked on (delayed keys do not count). */
  idle(): Promise<void>;
}

export function createWorkQueue<Key extends string>(_options: WorkQueueOptions<Key>): WorkQueue<Key> {
  throw new Error('in progress');
}
