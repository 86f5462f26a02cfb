import type { Logger } from '../operations/logging.ts';
import type { Client } from './client.ts';
import type { ObjectMeta } from './resources/kinds.ts';

export interface EventRecorderOptions {
  readonly client: Client;
  /** `holdfast.dev/controller` */
  readonly controller: string;
  /** The pod's name. */
  readonly instance: string;
  readonly log: Logger;
  readonly now?: () => Date;
}

export interface Happening {
  readonly regarding: { readonly apiVersion: string; readonly kind: string; readonly metadata: ObjectMeta };
  readonly type: 'Normal' | 'Warning';
  /** UpperCamel, machine-readable: `BackupFailed`. */
  readonly reason: string;
  /** UpperCamel: what was done: `CreateJob`. */
  readonly action: string;
  readonly note: string;
}

/** Writes what `kubectl describe` and `kubectl events` show. The same again within minutes is counted, not written anew. */
export interface EventRecorder {
  /** Never throws and never rejects: an event that cannot be written is logged. */
  record(happening: Happening, options: { readonly signal: AbortSignal }): Promise<void>;
}

export function createEventRecorder(_options: EventRecorderOptions): EventRecorder {
  throw new Error('in progress');
}
