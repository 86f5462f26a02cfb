import { type Check, CheckProblem } from '../operations/health/check.ts';
import { controllerErrors } from './controller-errors.ts';
import type { View } from './view.ts';

/** Longer than a watch may be silent before it is started over. */
const silentAfterSeconds = 300;

/** Whether the controller sees the cluster: everything was listed, and no watch has been silent for long. */
export function watchCheck({ all }: Pick<View, 'all'>): Check {
  return {
    name: 'watches',
    critical: true,
    intervalMs: 5_000,
    timeoutMs: 4_000,
    run: async (signal) => {
      await Promise.allSettled(all.map(async (informer) => informer.synced(signal)));
      const waiting = all.filter(({ hasSynced }) => !hasSynced).length;
      const heard = all.map((informer) => informer.lastHeardAt()?.getTime() ?? 0);
      const seconds = Math.round((Date.now() - Math.min(...heard)) / 1_000);
      const facts = { waiting_kinds: waiting, ...(waiting === 0 && { silent_seconds: seconds }) };
      if (waiting > 0) throw new CheckProblem(controllerErrors.CLUSTER_NOT_SEEN({ waiting }), { level: 'error', facts });
      if (seconds > silentAfterSeconds) throw new CheckProblem(controllerErrors.WATCH_SILENT({ seconds }), { level: 'error', facts });
      return facts;
    },
  };
}
