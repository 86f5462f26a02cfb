import type { Job, Pod } from '../../kubernetes/objects.ts';
import type { RunFailure } from '../../kubernetes/resources/fields.ts';
import { labels } from '../../kubernetes/resources/names.ts';
import { readRunResult, type RunResult } from '../../kubernetes/run-result.ts';
import { newestFirst } from '../newest-first.ts';

/** A Job that came to its end: times are ISO 8601. */
export interface JobOutcome {
  readonly succeeded: boolean;
  readonly startedAt?: string | undefined;
  readonly finishedAt: string;
  /** What the run wrote as its last words; absent where nothing can be read any more. */
  readonly result?: RunResult | undefined;
  readonly failure?: RunFailure | undefined;
}

/** What is kept of a Job: how it is named, whose it is, how it stands. */
export type SeenJob = Pick<Job, 'metadata' | 'status'>;

/** How Kubernetes says that a Job ended. */
export interface JobEnd {
  readonly succeeded: boolean;
  readonly at: string;
  readonly reason: string;
  readonly message: string;
}

/** `Complete` or `Failed`; undefined while it goes on. */
export function endOf({ status }: SeenJob): JobEnd | undefined {
  const condition = status?.conditions?.find(({ type, status: holds }) => holds === 'True' && (type === 'Complete' || type === 'Failed'));
  if (condition === undefined) return undefined;
  const { type, reason = type, message = '', lastTransitionTime } = condition;
  return { succeeded: type === 'Complete', at: status?.completionTime ?? lastTransitionTime ?? '', reason, message };
}

export function isFinished(job: SeenJob): boolean {
  return endOf(job) !== undefined;
}

/** What became of a finished Job, from its own status and its pods' last words. */
export function outcomeOf(job: SeenJob, pods: readonly Pod[]): JobOutcome | undefined {
  const end = endOf(job);
  if (end === undefined) return undefined;
  const { exitCode, message } = lastWordsOf(job, pods, end.succeeded) ?? {};
  const result = readRunResult(message);
  return {
    succeeded: end.succeeded,
    startedAt: job.status?.startTime,
    finishedAt: end.at,
    result,
    failure: end.succeeded ? undefined : failureOf(end, result, exitCode),
  };
}

/** Of the pod that decided: the newest of those that ended as the Job did. What others put beside its container (a service mesh does) has no say. */
function lastWordsOf({ metadata }: SeenJob, pods: readonly Pod[], succeeded: boolean): { readonly exitCode: number; readonly message?: string | undefined } | undefined {
  const statuses = pods.flatMap(({ status }) => status?.containerStatuses ?? []).filter(({ name }) => name === metadata.labels?.[labels.operation]);
  const ended = statuses.flatMap(({ state }) => (state?.terminated ? [state.terminated] : []));
  return newestFirst(ended.filter(({ exitCode }) => (exitCode === 0) === succeeded), ({ finishedAt }) => finishedAt)[0];
}

/** The run's own words, or those of Kubernetes where it could not say any: killed for memory or time, never started. */
function failureOf({ reason, message }: JobEnd, result: RunResult | undefined, exitCode: number | undefined): RunFailure {
  const error = result?.error;
  // A Job that ran out of time says so; what its pod said last, being stopped, is not the reason.
  if (error === undefined || reason === 'DeadlineExceeded') return cut({ code: codeOfReason(reason), message: message || reason, exitCode });
  return cut({ code: error.code, message: error.message, hint: error.hint, exitCode: error.exitCode ?? exitCode });
}

function cut({ code, message, hint, exitCode }: { readonly code: string; readonly message: string; readonly hint?: string | undefined; readonly exitCode?: number | undefined }): RunFailure {
  return { code: code.slice(0, 128), message: message.slice(0, 1_024), ...(hint !== undefined && { hint: hint.slice(0, 1_024) }), ...(exitCode !== undefined && { exitCode }) };
}

/** `BackoffLimitExceeded` as our codes are written: `BACKOFF_LIMIT_EXCEEDED`. */
function codeOfReason(reason: string): string {
  return reason.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
}
