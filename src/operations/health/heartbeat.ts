import { type Check, CheckProblem, type CheckTiming } from './check.ts';
import { healthErrors } from './health-errors.ts';

/** The parts of a heartbeat that can be handed to another thread. */
export interface SharedHeartbeat {
  readonly name: string;
  /** A silence longer than this means that the loop behind it hangs. */
  readonly limitMs: number;
  readonly memory: SharedArrayBuffer;
}

/** The sign of life of a loop, readable from any thread of the process. */
export interface Heartbeat {
  readonly shared: SharedHeartbeat;
  readonly beat: () => void;
  readonly silenceMs: () => number;
}

/** Makes a heartbeat whose silence begins now. Beat it at least three times within `limitMs`. */
export function createHeartbeat({ name, limitMs }: { readonly name: string; readonly limitMs: number }): Heartbeat {
  const heartbeat = openHeartbeat({ name, limitMs, memory: new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT) });
  heartbeat.beat();
  return heartbeat;
}

/** The same heartbeat seen from another thread: the monotonic clock is the process's, whatever the thread. */
export function openHeartbeat(shared: SharedHeartbeat): Heartbeat {
  const times = new BigInt64Array(shared.memory);
  return {
    shared,
    beat: () => void Atomics.store(times, 0, process.hrtime.bigint()),
    silenceMs: () => Number(process.hrtime.bigint() - Atomics.load(times, 0)) / 1e6,
  };
}

/** A check on a loop of this process, such as a scheduler: it fails while its heartbeat is silent for too long. */
export function heartbeatCheck({
  heartbeat,
  critical,
  ...timing
}: CheckTiming & { readonly heartbeat: Heartbeat; readonly critical: boolean }): Check {
  const { name, limitMs } = heartbeat.shared;
  return {
    name,
    critical,
    ...timing,
    async run() {
      const seconds = Math.round(heartbeat.silenceMs() / 100) / 10;
      const facts = { silent_seconds: seconds };
      if (seconds * 1_000 <= limitMs) return facts;
      throw new CheckProblem(healthErrors.HEARTBEAT_SILENT({ heartbeat: name, seconds }), { level: 'error', facts });
    },
  };
}
