import type { Client } from '../../kubernetes/client.ts';
import { createInformer, type Informer } from '../../kubernetes/informer.ts';
import { type KindName, kinds } from '../../kubernetes/resources/kinds.ts';
import { type Check, CheckProblem } from '../../operations/health/check.ts';
import type { ServicePart } from '../../operations/lifecycle/lifecycle.ts';
import type { Logger } from '../../operations/logging.ts';
import { clusterAccessErrors } from './cluster-access-errors.ts';
import { keep, type Kept } from './kept.ts';
import type { ClusterSnapshot } from './metrics/facts.ts';

/** The resources of the cluster in memory, as they are now but for moments. */
export interface ClusterView {
  /** Throws CLUSTER_NOT_LISTED before all were listed once. */
  list<Name extends KindName>(kind: Name): IterableIterator<Kept<Name>>;
  /** For metrics: what is known, nothing before the first list. */
  snapshot(): ClusterSnapshot;
  readonly part: ServicePart;
  readonly check: Check;
}

type Informers = { readonly [Name in KindName]: Informer<Kept<Name>> };

/** A start waits this long for the lists; a service whose API server is away serves all the same. */
const startWithinMs = 10_000;
/** Watches tell something (a bookmark) more often than that, or are begun anew. */
const silentAfterMs = 300_000;

/** Follows all our kinds in these namespaces, or in all where none is named. */
export function createClusterView({ client, namespaces, log, now }: { readonly client: Client; readonly namespaces: readonly string[]; readonly log: Logger; readonly now: () => Date }): ClusterView {
  const follow = <Name extends KindName>(kind: Name): Informer<Kept<Name>> => createInformer({ client, kind, namespaces, select: keep, log });
  const informers: Informers = {
    BackupRepository: follow('BackupRepository'),
    BackupSchedule: follow('BackupSchedule'),
    Backup: follow('Backup'),
    Restore: follow('Restore'),
    Drill: follow('Drill'),
  };
  const all = Object.values(informers);
  return {
    list: (kind) => {
      if (!informers[kind].hasSynced) throw clusterAccessErrors.CLUSTER_NOT_LISTED({ resource: kinds[kind].plural });
      return informers[kind].values();
    },
    snapshot: () => ({
      schedules: informers.BackupSchedule.values(),
      repositories: informers.BackupRepository.values(),
      backups: informers.Backup.values(),
      drills: informers.Drill.values(),
    }),
    part: {
      name: 'cluster',
      start: async (signal) => {
        for (const informer of all) informer.start();
        const waiting = AbortSignal.any([signal, AbortSignal.timeout(startWithinMs)]);
        await Promise.all(all.map(async (informer) => informer.synced(waiting))).catch((error: unknown) => {
          signal.throwIfAborted();
          log.warn({ err: error }, 'the cluster could not be listed yet; the service starts without');
        });
      },
      stop: async () => {
        await Promise.all(all.map(async (informer) => informer.stop()));
      },
    },
    check: { name: 'cluster', critical: false, run: async () => checkHeard(informers, now()) },
  };
}

/** How long ago the API server was last heard of. Not critical: what is known is served, and taking the pods away would show nothing at all. */
function checkHeard(informers: Informers, now: Date): { readonly silent_seconds: number } {
  let longest = 0;
  for (const [kind, informer] of Object.entries(informers)) {
    const resource = kinds[kind as KindName].plural;
    const heardAt = informer.lastHeardAt();
    if (heardAt === undefined) throw clusterAccessErrors.CLUSTER_NOT_LISTED({ resource });
    longest = Math.max(longest, now.getTime() - heardAt.getTime());
    if (longest > silentAfterMs) {
      const seconds = Math.round(longest / 1000);
      throw new CheckProblem(clusterAccessErrors.CLUSTER_SILENT({ resource, seconds }), { level: 'error', facts: { silent_seconds: seconds } });
    }
  }
  return { silent_seconds: Math.round(longest / 1000) };
}
