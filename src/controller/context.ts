import type { Client } from '../kubernetes/client.ts';
import type { EventRecorder } from '../kubernetes/events.ts';
import type { Logger } from '../operations/logging.ts';
import type { PodSettings } from './pods/settings.ts';
import type { View } from './view.ts';

/** What every reconcile works with. */
export interface ControllerContext {
  readonly client: Client;
  readonly view: View;
  readonly events: EventRecorder;
  /** How pods of jobs are made. */
  readonly settings: PodSettings;
  readonly now: () => Date;
  /** How long after its deletion a Backup is forgotten in the repository, where that is asked for. */
  readonly forgetAfterMs: number;
  readonly log: Logger;
}

/** When to look again though nothing has changed. */
export interface Again {
  readonly againInMs?: number | undefined;
}
