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
import { jobOfBackup } from '../pods/jobs.ts';
import { runJobName } from '../pods/names.ts';
import { noteSpace } from '../repositories/note-space.ts';
import { referencesOf, scheduleOf } from '../references.ts';
import { besideOf, type View } from '../view.ts';
import { writeStatus } from '../write-status.ts';
import { backupStatusOf, proofOf } from './status.ts';

/** A Backup: its Job until that has ended, then only what drills find of it. */
export async function reconcileBackup(context: ControllerContext, key: ObjectKey, signal: AbortSignal): Promise<Again | undefined> {
  const { view, now } = context;
  const backup = view.backups.get(key);
  if (!backup || isGoing(backup)) return undefined;
  if (isOver(backup)) {
    const verdicts = drillsOf(view, backup);
    await writeStatus(context, 'Backup', backup, (previous) => ({ ...previous, ...proofOf(previous, verdicts) }), { signal });
    return undefined;
  }
  const schedule = scheduleOf(view, backup);
  await labelRun(context, 'Backup', backup, schedule, signal);
  const run = runOf(context, backup);
  const state = await followRun(context, run, { signal });
  const status = await writeStatus(context, 'Backup', backup, unlessOver((previous) => backupStatusOf({ run, state, backup, schedule, previous, now: now() })), { signal });
  await announceEnd(context, backup, status, { signal });
  await noteSpace(context, backup, status.repository, state.outcome?.result?.space, signal);
  return lookAgain(state);
}

function runOf({ view, settings }: ControllerContext, backup: Resource<'Backup'>): Run {
  if (isRecord(backup)) return recordedRun(backup);
  return {
    object: backup,
    jobName: runJobName('backup', backup.metadata.name),
    owns: (job) => isOwnedBy(job, backup),
    make: () => {
      const job = jobOfBackup(backup, referencesOf(view, backup), settings);
      if (!job) throw controllerErrors.SCHEDULE_MISSING({ schedule: backup.spec.scheduleRef?.name ?? '', namespace: backup.metadata.namespace });
      return job;
    },
  };
}

function drillsOf({ drillsOfId }: View, { metadata, status }: Resource<'Backup'>): readonly Resource<'Drill'>[] {
  const key = besideOf(metadata, status?.backupId);
  return key === undefined ? [] : drillsOfId.get(key);
}
