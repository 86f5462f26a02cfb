import * as Sentry from '@sentry/node';
import type { TaskTrace, TrackedTask } from './error-tracking.ts';
import { reportError } from './report.ts';
import { inTrace } from './request-scope.ts';
import { rootSpan } from './sentry-options.ts';

export function publishTask<Result>(task: TrackedTask, publish: (trace: TaskTrace) => Promise<Result>): Promise<Result> {
  if (!Sentry.getActiveSpan()?.isRecording()) return publish({});
  return Sentry.startSpan({ name: `publish ${task.queue}`, op: 'queue.publish', attributes: queueAttributes(task) }, () => {
    const { 'sentry-trace': sentryTrace, baggage } = Sentry.getTraceData();
    return publish({ ...(sentryTrace && { 'sentry-trace': sentryTrace }), ...(baggage && { baggage }) });
  });
}

/** As a request is traced, a task is: the dice are its own, and it joins the trace of who published it. */
export function runTask<Result>(task: TrackedTask, work: () => Promise<Result>, tracesRate: number): Promise<Result> {
  return Sentry.withIsolationScope(async (scope) => {
    scope.clearBreadcrumbs();
    scope.setTags({ queue: task.queue, task_id: task.id });
    const { sampleRand } = Sentry.getCurrentScope().getPropagationContext();
    try {
      return await (sampleRand < tracesRate ? inTrace({ ...task.trace }, sampleRand, () => traceTask(task, work)) : work());
    } catch (error) {
      reportError(error);
      throw error;
    }
  });
}

function traceTask<Result>(task: TrackedTask, work: () => Promise<Result>): Promise<Result> {
  const latency = task.publishedAt && Date.now() - task.publishedAt.getTime();
  const attributes = { ...rootSpan, ...queueAttributes(task), ...(latency !== undefined && { 'messaging.message.receive.latency': latency }) };
  return Sentry.startSpan({ name: `process ${task.queue}`, op: 'queue.process', attributes, parentSpan: null }, work);
}

function queueAttributes({ queue, id }: TrackedTask): Record<string, string> {
  return { 'sentry.origin': 'auto.queue.holdfast', 'messaging.system': 'holdfast', 'messaging.destination.name': queue, 'messaging.message.id': id };
}
