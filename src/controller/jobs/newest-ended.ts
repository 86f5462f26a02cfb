import type { Resource } from '../../kubernetes/resources/kinds.ts';
import { labels, type Operation } from '../../kubernetes/resources/names.ts';
import type { ControllerContext } from '../context.ts';
import { endOf, type JobOutcome, outcomeOf } from './job-outcome.ts';
import { podsOf } from './pods-of.ts';
import { newestFirst } from '../newest-first.ts';

type Owner = Resource<'BackupSchedule'> | Resource<'BackupRepository'>;

/** What became of the newest Job of an owner's CronJob that ended after a time. Its pods are only asked for then. */
export async function newestEnded(
  context: Pick<ControllerContext, 'client' | 'view'>,
  owner: Owner,
  { operation, after = '' }: { readonly operation: Operation; readonly after?: string | undefined },
  signal: AbortSignal,
): Promise<JobOutcome | undefined> {
  const { cronJobsOfOwner, jobsOfOwner } = context.view;
  const jobs = cronJobsOfOwner
    .get(owner.metadata.uid ?? '')
    .filter(({ metadata }) => metadata.labels?.[labels.operation] === operation)
    .flatMap(({ metadata }) => jobsOfOwner.get(metadata.uid ?? ''));
  const [newest] = newestFirst(jobs.filter((job) => (endOf(job)?.at ?? '') > after), (job) => endOf(job)?.at);
  return newest && outcomeOf(newest, await podsOf(context, newest, { signal }));
}
