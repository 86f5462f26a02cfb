import type { Draft, Job } from '../../kubernetes/objects.ts';
import { clusterErrors, isClusterError } from '../../kubernetes/cluster-errors.ts';
import { keyOf } from '../../kubernetes/informer.ts';
import type { RunFailure } from '../../kubernetes/resources/fields.ts';
import type { Resource } from '../../kubernetes/resources/kinds.ts';
import type { HoldfastError } from '../../operations/errors.ts';
import type { Finding } from '../conditions.ts';
import type { Again, ControllerContext } from '../context.ts';
import { controllerErrors } from '../controller-errors.ts';
import { hindrance, isForPeople } from '../findings.ts';
import { isFinished, type JobOutcome, outcomeOf, type SeenJob } from './job-outcome.ts';
import { podsOf } from './pods-of.ts';

/** A one-shot resource and the Job that works for it. */
export interface Run {
  readonly object: Resource<'Backup'> | Resource<'Restore'> | Resource<'Drill'>;
  readonly jobName: string;
  /** The Job to make where there is none; absent of a record, whose Job was there first. Throws what hinders it. */
  readonly make?: () => Draft<'Job'>;
  /** Whether a Job of this name is the run's own. */
  readonly owns: (job: SeenJob) => boolean;
}

/** Where a run stands. Without `outcome` it goes on, or has not begun. */
export interface RunState {
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  readonly started: Finding;
  readonly job?: SeenJob;
  readonly outcome?: JobOutcome;
  readonly failure?: RunFailure;
}

/**
 * Sees to it that a run has its Job, once: looks before it makes one, adopts what is its own, refuses what is not. A Job that
 * the status names and that is gone is never made again.
 */
export async function followRun(context: ControllerContext, run: Run, { signal }: { readonly signal: AbortSignal }): Promise<RunState> {
  try {
    const job = (await findJob(context, run, signal)) ?? (await startJob(context, run, signal));
    if (job === undefined) return gone(run);
    if (!run.owns(job)) throw controllerErrors.NAME_TAKEN({ kind: 'Job', name: run.jobName });
    return stateOf(job, isFinished(job) ? outcomeOf(job, await podsOf(context, job, { signal })) : undefined);
  } catch (error) {
    if (!isForPeople(error) || isClusterError(error, 'NAMESPACE_ENDING')) throw error;
    await announce(context, run, error, signal);
    return { phase: 'Pending', started: hindrance('Started', error) };
  }
}

async function findJob({ client, view }: ControllerContext, { object, jobName }: Run, signal: AbortSignal): Promise<SeenJob | undefined> {
  const name = { namespace: object.metadata.namespace, name: jobName };
  return view.jobs.get(keyOf(name)) ?? (await client.find('Job', name, { signal }));
}

/** Undefined where none may be made. What is known of the object may be old, if its watch is: it is asked whether it had a Job already. */
async function startJob({ client }: ControllerContext, { object, jobName, make }: Run, signal: AbortSignal): Promise<Job | undefined> {
  if (make === undefined || object.status?.jobName !== undefined) return undefined;
  const job = make();
  const { namespace, name, uid } = object.metadata;
  const live = await client.find(object.kind, { namespace, name }, { signal });
  if (live?.metadata.uid !== uid) throw clusterErrors.OBJECT_CONFLICT({ object: `${object.kind} ${namespace}/${name}`, reason: 'it was deleted' });
  if (live?.status?.jobName !== undefined) return undefined;
  try {
    return await client.create('Job', job, { signal });
  } catch (error) {
    // Somebody was faster: the next look says who.
    if (!isClusterError(error, 'OBJECT_EXISTS')) throw error;
    return client.get('Job', { namespace: object.metadata.namespace, name: jobName }, { signal });
  }
}

function stateOf(job: SeenJob, outcome: JobOutcome | undefined): RunState {
  const started: Finding = { type: 'Started', status: 'True', reason: 'JobCreated', message: `Job ${job.metadata.name}` };
  if (outcome) return { phase: outcome.succeeded ? 'Succeeded' : 'Failed', started, job, outcome, ...(outcome.failure && { failure: outcome.failure }) };
  return { phase: (job.status?.active ?? 0) > 0 ? 'Running' : 'Pending', started, job };
}

function gone({ jobName }: Run): RunState {
  const { code, message, hint } = controllerErrors.JOB_GONE({ job: jobName });
  return { phase: 'Failed', started: { type: 'Started', status: 'True', reason: 'JobGone', message }, failure: { code, message, hint } };
}

async function announce({ events }: ControllerContext, { object }: Run, error: HoldfastError, signal: AbortSignal): Promise<void> {
  const { reason, message } = hindrance('Started', error);
  await events.record({ regarding: object, type: 'Warning', reason, action: 'CreateJob', note: message }, { signal });
}

/** What hinders a run may be mended where no watch sees it: a quota, somebody else's Job. */
export function lookAgain({ started }: RunState): Again | undefined {
  return started.status === 'False' ? { againInMs: hinderedMs } : undefined;
}

const hinderedMs = 60_000;
