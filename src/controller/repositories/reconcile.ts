import type { ObjectKey } from '../../kubernetes/informer.ts';
import type { Again, ControllerContext } from '../context.ts';
import { readyOf } from '../findings.ts';
import type { JobOutcome } from '../jobs/job-outcome.ts';
import { newestEnded } from '../jobs/newest-ended.ts';
import { keepCronJobs } from '../keep-cron-jobs.ts';
import { isGoing } from '../ownership.ts';
import { cronJobsOfRepository } from '../pods/cron-jobs.ts';
import { writeStatus } from '../write-status.ts';
import { askAgainMs, followInit } from './follow-init.ts';
import { repositoryStatusOf } from './status.ts';

/** A BackupRepository: that it is there, its CronJobs, and what their runs found. */
export async function reconcileRepository(context: ControllerContext, key: ObjectKey, signal: AbortSignal): Promise<Again | undefined> {
  const { view, now } = context;
  const repository = view.repositories.get(key);
  if (!repository || isGoing(repository)) return undefined;
  let init: JobOutcome | undefined;
  const inPlace = await readyOf(context, repository, async () => {
    init = await followInit(context, repository, signal);
    await keepCronJobs(context, repository, cronJobsOfRepository(repository, context.settings), signal);
  }, signal);
  const prune = await newestEnded(context, repository, { operation: 'prune', after: repository.status?.lastPruneTime }, signal);
  const verify = await newestEnded(context, repository, { operation: 'verify', after: repository.status?.lastVerifyTime }, signal);
  const facts = { repository, inPlace, init, prune, verify, backups: view.backupsOfRepository.get(key), now: now() };
  await writeStatus(context, 'BackupRepository', repository, (previous) => repositoryStatusOf(facts, previous), { signal });
  if (inPlace.status !== 'True') return { againInMs: hinderedMs };
  const isUsable = repository.status?.repositoryId !== undefined && init?.succeeded !== false;
  return isUsable ? undefined : { againInMs: askAgainMs };
}

const hinderedMs = 60_000;
