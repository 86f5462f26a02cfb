import { setTimeout as sleep } from 'node:timers/promises';
import type { ServicePart } from '../operations/lifecycle/lifecycle.ts';
import type { Logger } from '../operations/logging.ts';
import type { Client } from './client.ts';
import { LeaseRecord } from './lease-record.ts';

export interface LeaderElectionOptions {
  readonly client: Client;
  readonly namespace: string;
  readonly name: string;
  /** Of this process, different from every other's: the pod's name. */
  readonly identity: string;
  readonly log: Logger;
  /** What only the leader does. The signal aborts when leadership is lost or the process stops: it must return then. If it fails or returns before, leadership is given up. */
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

const defaults = { leaseSeconds: 15, renewDeadlineMs: 10_000, retryMs: 2_000 };

/** One of several processes leads, the others wait for its lease to run out. Nobody leads in vain: while the API server is away, the leader stops. */
export function createLeaderElection({ client, identity, lead, log, name, namespace, ...times }: LeaderElectionOptions): LeaderElection {
  const { leaseSeconds, renewDeadlineMs, retryMs } = { ...defaults, ...times };
  const record = new LeaseRecord({ client, name: { namespace, name }, identity, leaseSeconds });
  const stopping = new AbortController();
  let isLeader = false;
  let failures = 0;
  let loop: Promise<void> = Promise.resolve();

  /** Whether the lease is held; undefined where the API server could not be asked. */
  const hold = async (withinMs: number, signal?: AbortSignal): Promise<boolean | undefined> => {
    try {
      const limit = AbortSignal.timeout(Math.ceil(withinMs));
      const held = await record.hold(signal ? AbortSignal.any([limit, signal]) : limit);
      failures = 0;
      return held;
    } catch (error) {
      failures += 1;
      if (failures === 1 && !stopping.signal.aborted) log.warn({ err: error, lease: name }, 'lease cannot be asked for');
      return undefined;
    }
  };

  /** Renews until `ended`, also while the work winds down. Returns when that fails for too long or another took it. */
  const renewUntil = async (ended: AbortSignal): Promise<void> => {
    let renewedAtMs = performance.now();
    while (!ended.aborted) {
      await sleep(retryMs, undefined, { signal: ended }).catch(() => undefined);
      const askedAtMs = performance.now();
      const leftMs = renewedAtMs + renewDeadlineMs - askedAtMs;
      // A process that was paused must not find out from the server first that others lead.
      if (ended.aborted || leftMs <= 0) return;
      const held = await hold(leftMs);
      if (held === false) return;
      if (held) renewedAtMs = askedAtMs;
    }
  };

  const leadOnce = async (): Promise<void> => {
    const [lost, ended] = [new AbortController(), new AbortController()];
    isLeader = true;
    log.info({ lease: name, holder: identity }, 'leading');
    const work = lead(AbortSignal.any([stopping.signal, lost.signal]))
      .catch((error: unknown) => {
        if (!stopping.signal.aborted && !lost.signal.aborted) log.error({ err: error, lease: name }, "leader's work failed: another takes over");
      })
      .finally(() => ended.abort());
    await renewUntil(ended.signal);
    isLeader = false;
    if (!ended.signal.aborted) log.error({ lease: name, identity }, 'leadership lost');
    lost.abort();
    await work;
    await record.release(AbortSignal.timeout(retryMs)).catch((error: unknown) => log.warn({ err: error, lease: name }, 'lease was not given back: another takes it when it has run out'));
  };

  return {
    name: `leader election by ${name}`,
    start() {
      loop = (async () => {
        while (!stopping.signal.aborted) {
          if (await hold(renewDeadlineMs, stopping.signal)) await leadOnce();
          // Not all at once, and whoever just gave up comes last.
          await sleep(retryMs * (1 + Math.random() / 5), undefined, { signal: stopping.signal }).catch(() => undefined);
        }
      })();
    },
    async stop() {
      stopping.abort();
      await loop;
    },
    get isLeader() {
      return isLeader;
    },
    get holder() {
      return record.holder;
    },
  };
}
