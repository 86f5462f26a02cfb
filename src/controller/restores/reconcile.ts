import type { ObjectKey } from '../../kubernetes/informer.ts';
import type { Again, ControllerContext } from '../context.ts';
import { announceEnd } from '../jobs/announce-end.ts';
import { followRun, lookAgain, type Run } from '../jobs/follow-run.ts';
import { isOver, unlessOver } from '../jobs/run-status.ts';
import { isGoing, isOwnedBy } from '../ownership.ts';
import { jobOfRestore } from '../pods/jobs.ts';
import { runJobName } from '../pods/names.ts';
import { usableRepository } from '../references.ts';
import { writeStatus } from '../write-status.ts';
import { restoreStatusOf } from './status.ts';

/** A Restore: its one Job until that has ended. Nothing runs it a second time. */
export async function reconcileRestore(context: ControllerContext, key: ObjectKey, signal: AbortSignal): Promise<Again | undefined> {
  const { view, settings, now } = context;
  const restore = view.restores.get(key);
  if (!restore || isGoing(restore) || isOver(restore)) return undefined;
  const run: Run = {
    object: restore,
    jobName: runJobName('restore', restore.metadata.name),
    owns: (job) => isOwnedBy(job, restore),
    make: () => jobOfRestore(restore, usableRepository(view, restore, restore.spec.repositoryRef.name), settings),
  };
  const state = await followRun(context, run, { signal });
  const status = await writeStatus(context, 'Restore', restore, unlessOver((previous) => restoreStatusOf({ run, state, previous, now: now() })), { signal });
  await announceEnd(context, restore, status, { signal });
  return lookAgain(state);
}
