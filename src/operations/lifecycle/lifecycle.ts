/** Where a service stands: `draining` means that it still serves, but wants no new work. */
export type Phase = 'starting' | 'running' | 'draining' | 'stopped';

/** The service's phase, written by `runService` alone and read by whoever answers for it: readiness, open connections. */
export interface Lifecycle {
  phase: Phase;
}

export function createLifecycle(): Lifecycle {
  return { phase: 'starting' };
}

/** Something of the service that lives as long as it does: a server, a pool, a loop. */
export interface ServicePart {
  readonly name: string;
  /** Returns once the part does its work. Throws when it cannot. */
  start?(signal: AbortSignal): Promise<void> | void;
  /** The service wants no new work from now on, but serves what comes until `stop`. */
  drain?(): void;
  /** Returns once the part has let go of everything, a failed start included. When the signal aborts, what is in flight is cut off. */
  stop?(signal: AbortSignal): Promise<void> | void;
}
