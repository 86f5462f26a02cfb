import type { ObjectKey } from '../../kubernetes/informer.ts';
import type { Resource } from '../../kubernetes/resources/kinds.ts';
import type { Again, ControllerContext } from '../context.ts';
import { controllerErrors } from '../controller-errors.ts';
import { announceEnd } from '../jobs/announce-end.ts';
import { followRun, lookAgain, type Run } from '../jobs/follow-run.ts';
import { labelRun } from '../jobs/label-run.ts';
import { isRecord, recordedRun } from '../jobs/recorded-run.ts';
import { isOver, unlessOver } from '../jobs/run-status.ts';
import { isGoing, isOwnedBy } from '../ownership.ts';
import { jobOfDrill } from '../pods/jobs.ts';
import { runJobName } from '../pods/names.ts';
import { referencesOf, scheduleOf } from '../references.ts';
import { writeStatus } from '../write-status.ts';
import { drillStatusOf } from './status.ts';

/** A Drill: its Job until that has ended. */
export async function reconcileDrill(context: ControllerContext, key: ObjectKey, signal: AbortSignal): Promise<Again | undefined> {
  const { view, now } = context;
  const drill = view.drills.get(key);
  if (!drill || isGoing(drill) || isOver(drill)) return undefined;
  const schedule = scheduleOf(view, drill);
  await labelRun(context, 'Drill', drill, schedule, signal);
  const run = runOf(context, drill);
  const state = await followRun(context, run, { signal });
  const status = await writeStatus(context, 'Drill', drill, unlessOver((previous) => drillStatusOf({ run, state, drill, schedule, previous, now: now() })), { signal });
  await announceEnd(context, drill, status, { signal });
  return lookAgain(state);
}

function runOf({ view, settings }: ControllerContext, drill: Resource<'Drill'>): Run {
  if (isRecord(drill)) return recordedRun(drill);
  return {
    object: drill,
    jobName: runJobName('drill', drill.metadata.name),
    owns: (job) => isOwnedBy(job, drill),
    make: () => {
      const job = jobOfDrill(drill, referencesOf(view, drill), settings);
      if (!job) throw controllerErrors.SCHEDULE_MISSING({ schedule: drill.spec.scheduleRef?.name ?? '', namespace: drill.metadata.namespace });
      return job;
    },
  };
}
