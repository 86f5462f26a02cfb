import { expect, test } from '@jest/globals';
import { outcomeOf, type SeenJob } from '../../src/controller/jobs/job-outcome.ts';
import type { Pod } from '../../src/kubernetes/objects.ts';
import { labels } from '../../src/kubernetes/resources/names.ts';

const time = '2026-01-16T10:00:00Z';
const jobThat = (type: 'Complete' | 'Failed' | 'Suspended', reason = type as string): SeenJob => ({
  metadata: { namespace: 'shop', name: 'job', labels: { [labels.operation]: 'backup' } },
  status: { startTime: time, conditions: [{ type, status: 'True', reason, message: `it is ${reason}`, lastTransitionTime: time }] },
});
const podThat = (exitCode: number, message: string, finishedAt = time, container = 'backup'): Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'shop', name: 'pod' },
  status: { containerStatuses: [{ name: container, image: '', imageID: '', ready: false, restartCount: 0, state: { terminated: { exitCode, finishedAt, message } } }] },
});
const failure = (code: string) => JSON.stringify({ ok: false, error: { code, message: 'words', hint: 'do', exitCode: 4 } });

test('a Job that goes on has no outcome', () => {
  expect(outcomeOf(jobThat('Suspended'), [])).toBeUndefined();
});

test('takes the result from the pod that succeeded, not from one that failed before', () => {
  const outcome = outcomeOf(jobThat('Complete'), [podThat(75, failure('BUSY'), '2026-01-16T11:00:00Z'), podThat(0, JSON.stringify({ ok: true, id: 'x' }))]);
  expect(outcome).toMatchObject({ succeeded: true, result: { id: 'x' }, failure: undefined });
});

test('takes no result from a container that somebody put beside the run', () => {
  const [run, proxy] = [podThat(0, JSON.stringify({ ok: true, id: 'x' })), podThat(0, JSON.stringify({ ok: true, id: 'of the proxy' }), '2026-01-16T11:00:00Z', 'istio-proxy')];
  expect(outcomeOf(jobThat('Complete'), [run, proxy])).toMatchObject({ result: { id: 'x' } });
});

test("tells a failure in the newest pod's own words", () => {
  const outcome = outcomeOf(jobThat('Failed', 'BackoffLimitExceeded'), [podThat(4, failure('FIRST')), podThat(4, failure('LAST'), '2026-01-16T11:00:00Z')]);
  expect(outcome?.failure).toEqual({ code: 'LAST', message: 'words', hint: 'do', exitCode: 4 });
});

test('tells it in the words of Kubernetes where the pod could say nothing, or ran out of time', () => {
  expect(outcomeOf(jobThat('Failed', 'BackoffLimitExceeded'), [podThat(137, '')])?.failure).toEqual({ code: 'BACKOFF_LIMIT_EXCEEDED', message: 'it is BackoffLimitExceeded', exitCode: 137 });
  expect(outcomeOf(jobThat('Failed', 'DeadlineExceeded'), [podThat(143, failure('STOPPED'))])?.failure).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
});
