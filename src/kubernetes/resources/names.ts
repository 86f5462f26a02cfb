/** Names that resources, chart, metrics and people share: each is written here, and in the chart's `_names.tpl`; a test compares them. */
export const group = 'holdfast.dev';
export const version = 'v1alpha1';
export const apiVersion = `${group}/${version}`;

/** Of server-side apply: what the controller owns. */
export const fieldManager = 'holdfast-controller';

/** On every CronJob, Job and pod of ours: whose it is, and what its run does. */
export const labels = {
  repository: `${group}/repository`,
  schedule: `${group}/schedule`,
  source: `${group}/source`,
  /** One of `operations`. */
  operation: `${group}/operation`,
  /** The one-shot resource (Backup, Restore, Drill) that a Job works for. */
  run: `${group}/run`,
  /** On the Backup that is the newest proven one of its source: the admission policy refuses to delete it. */
  lastProven: `${group}/last-proven`,
} as const;

export const annotations = {
  /** `true` on a Backup lets the last proven one be deleted. */
  allowDelete: `${group}/allow-delete`,
  /** On a Backup or Drill that a schedule's run made, one of `origins`. Absent where a person asked for it. */
  origin: `${group}/origin`,
  /** On a Job that a CronJob made: the Backup or Drill that records it. Who deletes that record does not get it back. */
  recordedAs: `${group}/recorded-as`,
  /** On a run that the API made: who asked for it. */
  requestedBy: `${group}/requested-by`,
  /** On what the controller applies: a hash of what it wanted, so that a field that it no longer wants is seen. */
  wanted: `${group}/wanted`,
} as const;

/** What a run does: the command of the job image. */
export const operations = ['init', 'backup', 'retention', 'prune', 'verify', 'drill', 'restore', 'forget'] as const;
export type Operation = (typeof operations)[number];

/** Why there is a run that no person asked for: a due time, `spec.trigger`, or a due time that was missed. */
export const origins = ['schedule', 'trigger', 'catch-up'] as const;
export type Origin = (typeof origins)[number];
