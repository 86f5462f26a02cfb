import { createHash } from 'node:crypto';
import { isClusterError } from '../../kubernetes/cluster-errors.ts';
import type { Resource } from '../../kubernetes/resources/kinds.ts';
import { annotations, type Origin } from '../../kubernetes/resources/names.ts';
import { timeOf } from '../conditions.ts';
import type { ControllerContext } from '../context.ts';
import { runLabelsOf } from '../jobs/label-run.ts';
import type { DueState } from './due.ts';
import { isActive } from './runs.ts';

type Schedule = Resource<'BackupSchedule'>;

/** Makes one run for a new value of `spec.trigger`. The status says afterwards that it was seen. */
export async function runTriggered(context: ControllerContext, schedule: Schedule, signal: AbortSignal): Promise<void> {
  const { trigger } = schedule.spec;
  if (trigger === undefined || trigger === schedule.status?.observedTrigger) return;
  const { uid, generation } = schedule.metadata;
  // The same value may come again later, and a schedule may be made anew: a run's name is of this one change.
  await makeRun(context, schedule, { origin: 'trigger', suffix: createHash('sha256').update(`${uid}/${generation}`).digest('hex').slice(0, 8) }, signal);
}

/** Makes up for missed runs, all of them by one, unless a run is under way. */
export async function runCatchUp(context: ControllerContext, schedule: Schedule, due: DueState | undefined, signal: AbortSignal): Promise<void> {
  const newest = due?.missed.at(-1);
  if (newest === undefined || !schedule.spec.catchUp) return;
  const runs = context.view.backupsOfSchedule.get(`${schedule.metadata.namespace}/${schedule.metadata.name}`);
  if (!runs.some(isActive)) await makeRun(context, schedule, { origin: 'catch-up', suffix: timeOf(newest).replace(/\D/g, '').slice(0, 12) }, signal);
}

/** By a name that tells what it is for: who comes second, be it another controller, finds it made. */
async function makeRun({ client, events }: ControllerContext, schedule: Schedule, { origin, suffix }: { readonly origin: Origin; readonly suffix: string }, signal: AbortSignal): Promise<void> {
  const { namespace, name: ofSchedule } = schedule.metadata;
  const name = `${ofSchedule.slice(0, longestBase)}-${origin}-${suffix}`;
  const draft = {
    metadata: {
      namespace,
      name,
      labels: runLabelsOf(schedule, 'Backup'),
      annotations: { [annotations.origin]: origin },
    },
    spec: { scheduleRef: { name: ofSchedule } },
  };
  try {
    await client.create('Backup', draft, { signal });
  } catch (error) {
    if (isClusterError(error, 'OBJECT_EXISTS')) return;
    throw error;
  }
  const reason = origin === 'trigger' ? 'RunTriggered' : 'RunCaughtUp';
  await events.record({ regarding: schedule, type: 'Normal', reason, action: 'CreateBackup', note: `Backup ${name} is made` }, { signal });
}

/** A name has room for 253. */
const longestBase = 200;
