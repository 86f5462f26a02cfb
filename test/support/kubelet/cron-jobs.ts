import { Cron } from 'croner';
import { isClusterError } from '../../../src/kubernetes/cluster-errors.ts';
import type { CronJob, Job } from '../../../src/kubernetes/objects.ts';
import { finishedCondition } from './jobs.ts';
import type { Controls } from './node.ts';

/** One look at every CronJob: makes the Job that is due, and removes finished ones past the history limits. */
export async function stepCronJobs(controls: Controls): Promise<void> {
  const jobs = await Array.fromAsync(controls.client.list('Job', {}, controls));
  for await (const cronJob of controls.client.list('CronJob', {}, controls)) {
    const own = jobs.filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === cronJob.metadata.uid));
    await keepHistory(cronJob, own, controls);
    await startDue(cronJob, own, controls);
  }
}

async function startDue(cronJob: CronJob, own: readonly Job[], controls: Controls): Promise<void> {
  const active = own.filter((job) => !finishedCondition(job));
  const { spec, status, metadata } = cronJob;
  const due = spec && !spec.suspend ? lastDue(cronJob, controls.now()) : undefined;
  if (!spec || !due || (spec.concurrencyPolicy === 'Forbid' && active.length > 0)) return;
  const name = `${metadata.name}-${Math.floor(due.getTime() / 60_000)}`;
  const { labels, annotations } = spec.jobTemplate.metadata ?? {};
  try {
    await controls.client.create(
      'Job',
      {
        metadata: {
          name,
          namespace: metadata.namespace,
          ...(labels && { labels }),
          annotations: { ...annotations, 'batch.kubernetes.io/cronjob-scheduled-timestamp': due.toISOString() },
          ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: metadata.name, uid: metadata.uid ?? '', controller: true, blockOwnerDeletion: true }],
        },
        spec: spec.jobTemplate.spec,
      },
      controls,
    );
  } catch (error) {
    if (!isClusterError(error, 'OBJECT_EXISTS')) throw error;
  }
  await controls.client.patch('CronJob', metadata, { status: { ...status, lastScheduleTime: due.toISOString() } }, { ...controls, subresource: 'status' });
}

/** The last due time since the last start that is not too late yet. */
function lastDue({ metadata, spec, status }: CronJob, now: Date): Date | undefined {
  if (!spec) return undefined;
  const cron = new Cron(spec.schedule, { timezone: spec.timeZone ?? 'Etc/UTC', paused: true });
  const deadline = spec.startingDeadlineSeconds === undefined ? 0 : now.getTime() - spec.startingDeadlineSeconds * 1000;
  let due: Date | undefined;
  let after = new Date(Math.max(deadline, Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp ?? now.toISOString())));
  for (let next = cron.nextRun(after); next && next <= now; next = cron.nextRun(after)) {
    due = next;
    after = next;
  }
  return due;
}

async function keepHistory({ spec }: CronJob, own: readonly Job[], controls: Controls): Promise<void> {
  for (const [outcome, limit] of [['Complete', spec?.successfulJobsHistoryLimit ?? 3], ['Failed', spec?.failedJobsHistoryLimit ?? 1]] as const) {
    const finished = own.filter((job) => finishedCondition(job)?.type === outcome).toSorted((a, b) => (a.status?.startTime ?? '').localeCompare(b.status?.startTime ?? ''));
    for (const { metadata } of finished.slice(0, Math.max(0, finished.length - limit))) await controls.client.delete('Job', metadata, { ...controls, propagation: 'Background' });
  }
}
