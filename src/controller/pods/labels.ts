import { labels, type Operation } from '../../kubernetes/resources/names.ts';
import { labelValue } from './names.ts';

/** Whose a CronJob, Job or pod is, by names of resources and of the source. */
export interface Belonging {
  readonly operation: Operation;
  readonly repository: string;
  readonly schedule?: string | undefined;
  readonly source?: string | undefined;
  /** The Backup, Restore or Drill. */
  readonly run?: string | undefined;
}

/** NetworkPolicies select pods by `name` and `component`; the rest is for people and for the controller's own lists. */
export function labelsOf({ operation, repository, schedule, source, run }: Belonging, version: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'holdfast',
    'app.kubernetes.io/instance': labelValue(run ?? schedule ?? repository),
    'app.kubernetes.io/component': 'job',
    'app.kubernetes.io/part-of': 'holdfast',
    'app.kubernetes.io/managed-by': 'holdfast-controller',
    'app.kubernetes.io/version': version,
    [labels.operation]: operation,
    [labels.repository]: labelValue(repository),
    ...(schedule !== undefined && { [labels.schedule]: labelValue(schedule) }),
    ...(source !== undefined && { [labels.source]: labelValue(source) }),
    ...(run !== undefined && { [labels.run]: labelValue(run) }),
  };
}
