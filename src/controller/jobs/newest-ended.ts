import type { Resource } from '../../kubernetes/resources/kinds.ts';
import { labels, type Operation } from '../../kubernetes/resources/names.ts';
import type { ControllerContext } from '../context.ts';
import { endOf, type JobEnd, type JobOutcome, outcomeOf } from './job-outcome.ts';
import { podsOf } from './pods-of.ts';
import { newestFirst } from '../newest-first.ts';

type Owner = Resource<'BackupSchedule'> | Resource<'BackupRepository'>;

/** What became of the newest Job of an owner's CronJob that ended after a time; `wanted`: of those that ended so. Its pods are only asked for then. */
export async function newestEnded(
  context: Pick<ControllerContext, 'client' | 'view'>,
  owner: Owner,
  { operation, after = '', wanted = () => true }: { readonly operation: Operation; readonly after?: string | undefined; readonly wanted?: (end: JobEnd) => boolean },
  signal: AbortSignal,
): Promise<JobOutcome | undefined> {
  const { cronJobsOfOwner, jobsOfOwner } = context.view;
  const jobs = cronJobsOfOwner
    .get(owner.metadata.uid ?? '')
    .filter(({ metadata }) => metadata.labels?.[labels.operation] === operation)
    .flatMap(({ metadata }) => jobsOfOwner.get(metadata.uid ?? ''));
  const ended = jobs.flatMap((job) => {
    const end = endOf(job);
    return end !== undefined && end.at > after && wanted(end) ? [{ job, at: end.at }] : [];
  });
  const [newest] = newestFirst(ended, ({ at }) => at);
  return newest && outcomeOf(newest.job, await podsOf(context, newest.job, { signal }));
}
