import type { ServicePart } from '../operations/lifecycle/lifecycle.ts';
import type { Logger } from '../operations/logging.ts';
import type { Client } from './client.ts';

export interface LeaderElectionOptions {
  readonly client: Client;
  readonly namespace: string;
  readonly name: string;
  /** Of this process, different from every other's: the pod's name. */
  readonly identity: string;
  readonly log: Logger;
  /** What only the leader does. The signal aborts when leadership is lost or the process stops; it must return then. A failure of it gives leadership up. */
  readonly lead: (signal: AbortSignal) => Promise<void>;
  /** Others take over when the lease was not renewed for this long. Seconds, as the Lease has it. */
  readonly leaseSeconds?: number;
  /** The leader gives up when it could not renew for this long: shorter than the lease, so that there are never two. */
  readonly renewDeadlineMs?: number;
  readonly retryMs?: number;
}

export interface LeaderElection extends ServicePart {
  start(): void;
  /** Waits for `lead` to return, then gives the lease back, so that another takes it at once. */
  stop(): Promise<void>;
  readonly isLeader: boolean;
  /** Who holds the lease, as last seen. */
  readonly holder: string | undefined;
}

export function createLeaderElection(_options: LeaderElectionOptions): LeaderElection {
  throw new Error('in progress');
}
