import type { runStatusFields, RunFailure } from '../../kubernetes/resources/fields.ts';
import type { z } from 'zod';
import { conditionsOf, type Finding, timeOf } from '../conditions.ts';
import type { Run, RunState } from './follow-run.ts';

type RunStatus = { readonly [Field in keyof typeof runStatusFields]?: z.infer<(typeof runStatusFields)[Field]> };

/** Whether a run has come to its end: nothing of its Job is looked at any more. */
export function isOver({ status }: { readonly status?: Pick<RunStatus, 'phase'> | undefined }): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** An end that was written stays: who makes a status of what it saw some time ago may not know of it yet. */
export function unlessOver<Status extends RunStatus>(statusOf: (previous: Status | undefined) => Status): (previous: Status | undefined) => Status {
  return (previous) => (previous !== undefined && isOver({ status: previous }) ? previous : statusOf(previous));
}

/** What the statuses of all one-shot kinds say alike. */
export function runStatusOf({ object, jobName }: Run, { phase, started, job, outcome, failure }: RunState, previous: RunStatus | undefined, now: Date): RunStatus {
  const { generation } = object.metadata;
  return {
    ...(generation !== undefined && { observedGeneration: generation }),
    phase,
    jobName: job ? jobName : previous?.jobName,
    startedAt: job?.status?.startTime ?? previous?.startedAt,
    finishedAt: outcome?.finishedAt ?? (phase === 'Failed' ? (previous?.finishedAt ?? timeOf(now)) : undefined),
    failure,
    conditions: conditionsOf(previous?.conditions, [started, ...succeeded(phase, failure)], { now, generation }),
  };
}

/** For `kubectl wait --for=condition=Succeeded`. */
function succeeded(phase: RunState['phase'], failure: RunFailure | undefined): Finding[] {
  if (phase === 'Succeeded') return [{ type: 'Succeeded', status: 'True', reason: 'JobComplete', message: '' }];
  if (phase === 'Failed') return [{ type: 'Succeeded', status: 'False', reason: 'JobFailed', message: failure?.message ?? '' }];
  return [];
}
