import { nextDue, resolveCron } from '../../kubernetes/cron.ts';
import { type ObjectKey } from '../../kubernetes/informer.ts';
import type { Resource } from '../../kubernetes/resources/kinds.ts';
import { labels } from '../../kubernetes/resources/names.ts';
import type { Finding } from '../conditions.ts';
import type { Again, ControllerContext } from '../context.ts';
import { readyOf } from '../findings.ts';
import { keepCronJobs } from '../keep-cron-jobs.ts';
import { isGoing } from '../ownership.ts';
import { cronJobsOfSchedule } from '../pods/cron-jobs.ts';
import { usableRepository } from '../references.ts';
import { writeStatus } from '../write-status.ts';
import { expiredRecords } from './history.ts';
import { runCatchUp, runTriggered } from './make-runs.ts';
import { followRetention, labelLastProven } from './retention.ts';
import { newestProven } from './runs.ts';
import { dueOf, type RunFacts, type ScheduleFacts, scheduleStatusOf } from './status.ts';

type Schedule = Resource<'BackupSchedule'>;

/** A BackupSchedule: its CronJobs, the runs that no CronJob makes, what is known of it, and how many records are kept. */
export async function reconcileSchedule(context: ControllerContext, key: ObjectKey, signal: AbortSignal): Promise<Again | undefined> {
  const { view, now } = context;
  const schedule = view.schedules.get(key);
  if (!schedule || isGoing(schedule)) return undefined;
  const backups = view.backupsOfSchedule.get(key);
  const drills = view.drillsOfSchedule.get(key);
  const ready = await readyOf(context, schedule, async () => keepCronJobs(context, schedule, cronJobsOfSchedule(schedule, usableRepository(view, schedule, schedule.spec.repositoryRef.name), context.settings), signal), signal);
  const retainedAt = await followRetention(context, schedule, backups, signal);
  const cronJob = view.cronJobsOfOwner.get(schedule.metadata.uid ?? '').find(({ metadata }) => metadata.labels?.[labels.operation] === 'backup');
  const runs: RunFacts = { schedule, cron: cronOf(schedule), cronJob, backups, now: now() };
  const due = dueOf(runs, schedule.status);
  const facts: ScheduleFacts = { ...runs, due, ready, drills, retainedAt };
  await runTriggered(context, schedule, signal);
  if (ready.status === 'True') await runCatchUp(context, schedule, due, signal);
  await labelLastProven(context, backups, newestProven(backups), signal);
  await writeStatus(context, 'BackupSchedule', schedule, (previous) => scheduleStatusOf(facts, previous), { signal });
  await deleteExpired(context, facts, signal);
  return { againInMs: lookAgainIn(due, ready, facts.now) };
}

/** Undefined where expression or time zone are none: the condition Ready tells it then. */
function cronOf({ metadata, spec }: Schedule): string | undefined {
  try {
    const cron = resolveCron(spec.schedule, `${metadata.namespace}/${metadata.name}/backup`);
    nextDue({ cron, timeZone: spec.timeZone }, new Date());
    return cron;
  } catch {
    return undefined;
  }
}

async function deleteExpired({ client }: ControllerContext, facts: ScheduleFacts, signal: AbortSignal): Promise<void> {
  const expired = expiredRecords(facts);
  for (const { metadata } of expired.backups) await client.delete('Backup', metadata, { uid: metadata.uid, signal });
  for (const { metadata } of expired.drills) await client.delete('Drill', metadata, { uid: metadata.uid, signal });
}

/** When time alone changes something: a run is due, is missed, is overdue; or what a person mends may be mended. */
function lookAgainIn(due: ReturnType<typeof dueOf>, ready: Finding, now: Date): number | undefined {
  const moments = [due?.next, due?.missedAt, due?.overdueAt].flatMap((moment) => (moment && moment > now ? [moment.getTime() - now.getTime() + slackMs] : []));
  if (ready.status !== 'True') moments.push(hinderedMs);
  return moments.length > 0 ? Math.min(...moments) : undefined;
}

const slackMs = 1_000;
const hinderedMs = 60_000;
