import { randomBytes } from 'node:crypto';
import type { Job, Pod } from '../../../src/kubernetes/objects.ts';
import { judgeFailure } from './failure-policy.ts';
import type { Controls } from './node.ts';

type JobStatus = NonNullable<Job['status']>;
type Condition = NonNullable<JobStatus['conditions']>[number];

const jobNameLabel = 'batch.kubernetes.io/job-name';

/** `Complete` or `Failed`, of a Job that has ended. */
export function finishedCondition({ status }: Job): Condition | undefined {
  return status?.conditions?.find(({ type, status: value }) => (type === 'Complete' || type === 'Failed') && value === 'True');
}

/** One look at every Job: makes the pod that is due, ends what is over, counts, and removes Jobs past their time to live. */
export async function stepJobs(controls: Controls): Promise<void> {
  const pods = await Array.fromAsync(controls.client.list('Pod', { labelSelector: jobNameLabel }, controls));
  for await (const job of controls.client.list('Job', {}, controls)) {
    const own = pods.filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === job.metadata.uid));
    if (finishedCondition(job)) await removeExpired(job, controls);
    else await stepJob(job, own, controls);
  }
}

async function stepJob(job: Job, own: readonly Pod[], controls: Controls): Promise<void> {
  const now = controls.now();
  const active = own.filter(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed');
  const startTime = job.status?.startTime ?? (job.spec?.suspend ? undefined : now.toISOString());
  const end = endOf(job, own, { now, startTime });
  if (end || job.spec?.suspend) for (const { metadata } of active) await controls.client.delete('Pod', metadata, controls);
  const counted = countedFailures(job, own);
  const isDue = !end && !job.spec?.suspend && active.length === 0 && isBackOffOver(counted, controls);
  if (isDue) await createPod(job, controls);
  await writeStatus(
    job,
    {
      ...(startTime !== undefined && { startTime }),
      active: end || job.spec?.suspend ? 0 : active.length + (isDue ? 1 : 0),
      failed: counted.length,
      succeeded: own.filter(({ status }) => status?.phase === 'Succeeded').length,
      ...(end && { conditions: conditionsOf(end, now) }),
      ...(end?.type === 'Complete' && { completionTime: now.toISOString() }),
    },
    controls,
  );
}

interface End {
  readonly type: 'Complete' | 'Failed';
  readonly reason: string;
  readonly message: string;
}

function endOf(job: Job, own: readonly Pod[], { now, startTime }: { readonly now: Date; readonly startTime: string | undefined }): End | undefined {
  const { activeDeadlineSeconds, backoffLimit = 6 } = job.spec ?? {};
  if (own.some(({ status }) => status?.phase === 'Succeeded')) return { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' };
  for (const pod of own.filter(({ status }) => status?.phase === 'Failed')) {
    const verdict = judgeFailure(job, pod);
    if (verdict.action === 'FailJob') return { type: 'Failed', reason: 'PodFailurePolicy', message: verdict.message };
  }
  if (countedFailures(job, own).length > backoffLimit) return { type: 'Failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  if (startTime !== undefined && activeDeadlineSeconds !== undefined && now.getTime() - Date.parse(startTime) >= activeDeadlineSeconds * 1000) {
    return { type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
  }
  return undefined;
}

function countedFailures(job: Job, own: readonly Pod[]): readonly Pod[] {
  return own.filter((pod) => pod.status?.phase === 'Failed' && judgeFailure(job, pod).action === 'Count');
}

/** Each failure doubles the pause before the next pod. */
function isBackOffOver(failures: readonly Pod[], { now, retryDelayMs }: Controls): boolean {
  const lastEnd = Math.max(0, ...failures.map(({ status }) => Date.parse(status?.containerStatuses?.[0]?.state?.terminated?.finishedAt ?? '') || 0));
  return failures.length === 0 || now().getTime() >= lastEnd + retryDelayMs * 2 ** (failures.length - 1);
}

/** Newer servers say first that the end is decided, then that it is reached. */
function conditionsOf({ type, reason, message }: End, now: Date): Condition[] {
  const time = now.toISOString();
  const condition = (name: string): Condition => ({ type: name, status: 'True', reason, message, lastProbeTime: time, lastTransitionTime: time });
  return [condition(type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget'), condition(type)];
}

async function createPod({ metadata, spec }: Job, controls: Controls): Promise<void> {
  const template = spec?.template;
  const name = `${metadata.name}-${randomBytes(3).toString('hex').slice(0, 5)}`;
  const labels = { ...template?.metadata?.labels, [jobNameLabel]: metadata.name, 'job-name': metadata.name, 'batch.kubernetes.io/controller-uid': metadata.uid ?? '' };
  const { annotations } = template?.metadata ?? {};
  const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'Job', name: metadata.name, uid: metadata.uid ?? '', controller: true, blockOwnerDeletion: true }];
  await controls.client.create('Pod', { metadata: { name, namespace: metadata.namespace, labels, ...(annotations && { annotations }), ownerReferences }, spec: template?.spec }, controls);
}

async function writeStatus({ metadata, status }: Job, wanted: JobStatus, controls: Controls): Promise<void> {
  const isSame = Object.entries(wanted).every(([key, value]) => JSON.stringify(status?.[key as keyof JobStatus]) === JSON.stringify(value));
  if (!isSame) await controls.client.patch('Job', metadata, { status: wanted }, { ...controls, subresource: 'status' });
}

async function removeExpired(job: Job, controls: Controls): Promise<void> {
  const { ttlSecondsAfterFinished } = job.spec ?? {};
  const finishedAt = Date.parse(finishedCondition(job)?.lastTransitionTime ?? '');
  if (ttlSecondsAfterFinished === undefined || controls.now().getTime() < finishedAt + ttlSecondsAfterFinished * 1000) return;
  await controls.client.delete('Job', job.metadata, { ...controls, propagation: 'Background' });
}
