import { createHash } from 'node:crypto';
import { keyOf } from '../kubernetes/informer.ts';
import type { CronJob } from '../kubernetes/objects.ts';
import type { Resource } from '../kubernetes/resources/kinds.ts';
import { annotations } from '../kubernetes/resources/names.ts';
import type { ControllerContext } from './context.ts';
import { controllerErrors } from './controller-errors.ts';
import { covers } from './covers.ts';
import { isOwnedBy } from './ownership.ts';

type Owner = Resource<'BackupSchedule'> | Resource<'BackupRepository'>;

/**
 * Sees to it that exactly these CronJobs of an owner are there, as wanted: what somebody changed by hand is put back, what is not wanted
 * any more goes. Writes nothing where all is well. Throws NAME_TAKEN of one that belongs to somebody else, after the others.
 */
export async function keepCronJobs(context: ControllerContext, owner: Owner, wanted: readonly CronJob[], signal: AbortSignal): Promise<void> {
  const names = new Set(wanted.map(({ metadata }) => metadata.name));
  for (const { metadata } of context.view.cronJobsOfOwner.get(owner.metadata.uid ?? '')) {
    if (!names.has(metadata.name)) await context.client.delete('CronJob', metadata, { uid: metadata.uid, signal });
  }
  const taken: string[] = [];
  for (const cronJob of wanted) {
    if (!(await keepCronJob(context, owner, cronJob, signal))) taken.push(cronJob.metadata.name);
  }
  if (taken.length > 0) throw controllerErrors.NAME_TAKEN({ kind: 'CronJob', name: taken.join(', ') });
}

/** Whether it is the owner's. */
async function keepCronJob({ client, view }: ControllerContext, owner: Owner, wanted: CronJob, signal: AbortSignal): Promise<boolean> {
  const marked = withMark(wanted);
  // One without our labels is not in the cache, but may have the name.
  const there = view.cronJobs.get(keyOf(wanted.metadata)) ?? (await client.find('CronJob', wanted.metadata, { signal }));
  if (there && !isOwnedBy(there, owner)) return false;
  const isAsWanted = there !== undefined && covers(there.spec, marked.spec) && covers(there.metadata, marked.metadata);
  if (!isAsWanted) await client.apply('CronJob', marked, { force: there !== undefined, signal });
  return true;
}

/** With a hash of the whole: what is no longer wanted cannot be seen by comparing what is. */
function withMark({ apiVersion, kind, metadata, spec }: CronJob): CronJob {
  const hash = createHash('sha256').update(JSON.stringify(spec)).digest('hex').slice(0, 16);
  return { apiVersion, kind, metadata: { ...metadata, annotations: { ...metadata.annotations, [annotations.wanted]: hash } }, spec };
}
