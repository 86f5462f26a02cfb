import type { ErrorTracking, TaskTrace } from '../../src/operations/sentry/error-tracking.ts';

interface Mail {
  readonly id: string;
  readonly to: string;
  readonly publishedAt: string;
  readonly trace: TaskTrace;
}

/** Whoever publishes a task sends its trace along … */
export async function publishMail(tracking: ErrorTracking, push: (mail: Mail) => Promise<void>): Promise<void> {
  await tracking.publishTask({ queue: 'mail', id: 'm-1' }, (trace) => push({ id: 'm-1', to: 'u-9', publishedAt: new Date().toISOString(), trace }));
}

/** … and whoever runs it has a scope of its own, joins that trace, and reports what fails unexpectedly. */
export async function sendMail(tracking: ErrorTracking, mail: Mail): Promise<void> {
  const task = { queue: 'mail', id: mail.id, publishedAt: new Date(mail.publishedAt), trace: mail.trace };
  await tracking.runTask(task, () => Promise.reject(new Error('the mail has no template')));
}
