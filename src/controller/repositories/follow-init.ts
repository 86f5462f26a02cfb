import { createHash } from 'node:crypto';
import { isClusterError } from '../../kubernetes/cluster-errors.ts';
import { keyOf } from '../../kubernetes/informer.ts';
import type { Draft } from '../../kubernetes/objects.ts';
import type { Resource } from '../../kubernetes/resources/kinds.ts';
import { annotations } from '../../kubernetes/resources/names.ts';
import type { ControllerContext } from '../context.ts';
import { controllerErrors } from '../controller-errors.ts';
import { isFinished, type JobOutcome, outcomeOf, type SeenJob } from '../jobs/job-outcome.ts';
import { podsOf } from '../jobs/pods-of.ts';
import { isOwnedBy } from '../ownership.ts';
import { initJobOf } from '../pods/jobs.ts';

type Repository = Resource<'BackupRepository'>;

/** How long after a failure, or an answer that was lost, the repository is asked again. */
export const askAgainMs = 15 * 60_000;

/**
 * Asks a repository whether it is there and the keys fit, by a Job that makes it where there is none: for a new resource, again when
 * its store or keys change, and again some time after a failure. Gives the answer; undefined while there is none, or none that can be read
 * (its pod went with its node before it was). Throws NAME_TAKEN.
 */
export async function followInit(context: ControllerContext, repository: Repository, signal: AbortSignal): Promise<JobOutcome | undefined> {
  const { client, now } = context;
  const wanted = initJob(context, repository);
  const job = await findJob(context, repository, wanted, signal);
  if (job === undefined) {
    if (isAnswered(repository)) return undefined;
    await client.create('Job', wanted, { signal }).catch((error: unknown) => {
      // Made since we looked: the next look, which its event causes, says by whom.
      if (!isClusterError(error, 'OBJECT_EXISTS')) throw error;
    });
    return undefined;
  }
  const outcome = isFinished(job) ? outcomeOf(job, await podsOf(context, job, { signal })) : undefined;
  const isLost = outcome?.succeeded === true && (outcome.result?.id ?? repository.status?.repositoryId) === undefined;
  const isOutdated = job.metadata.annotations?.[annotations.wanted] !== wanted.metadata.annotations?.[annotations.wanted];
  const isToAskAgain = outcome !== undefined && (isLost || !outcome.succeeded) && now().getTime() - Date.parse(outcome.finishedAt) > askAgainMs;
  if (isOutdated || isToAskAgain) {
    // The event of its deletion brings us back.
    await client.delete('Job', job.metadata, { uid: job.metadata.uid, signal });
    return undefined;
  }
  return isLost ? undefined : outcome;
}

/** Its Job is deleted some time after its end: what it said is in the status. */
function isAnswered({ metadata, status }: Repository): boolean {
  return status?.repositoryId !== undefined && status.observedGeneration === metadata.generation;
}

async function findJob({ client, view }: ControllerContext, repository: Repository, { metadata }: Draft<'Job'>, signal: AbortSignal): Promise<SeenJob | undefined> {
  const job = view.jobs.get(keyOf(metadata)) ?? (isAnswered(repository) ? undefined : await client.find('Job', metadata, { signal }));
  if (job && !isOwnedBy(job, repository)) throw controllerErrors.NAME_TAKEN({ kind: 'Job', name: metadata.name });
  return job;
}

/** With a hash of what the answer depends on. */
function initJob({ settings }: ControllerContext, repository: Repository): Draft<'Job'> {
  const { s3, volume, encryption, keysSecret, initialize } = repository.spec;
  const hash = createHash('sha256').update(JSON.stringify([s3, volume, encryption, keysSecret, initialize])).digest('hex').slice(0, 16);
  const job = initJobOf(repository, settings);
  return { ...job, metadata: { ...job.metadata, annotations: { ...job.metadata.annotations, [annotations.wanted]: hash } } };
}
