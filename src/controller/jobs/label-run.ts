import type { Resource } from '../../kubernetes/resources/kinds.ts';
import { labels } from '../../kubernetes/resources/names.ts';
import type { ControllerContext } from '../context.ts';
import { labelValue } from '../pods/names.ts';
import { sourceNameOf } from '../pods/source-name.ts';

const operations = { Backup: 'backup', Drill: 'drill' } as const;

/** What people list the runs of a schedule by, whoever made them. */
export function runLabelsOf(schedule: Resource<'BackupSchedule'>, kind: keyof typeof operations): Record<string, string> {
  return {
    [labels.schedule]: labelValue(schedule.metadata.name),
    [labels.source]: labelValue(sourceNameOf(schedule)),
    [labels.operation]: operations[kind],
    [labels.repository]: labelValue(schedule.spec.repositoryRef.name),
  };
}

/** Gives a run that a person asked for the labels that it lacks. */
export async function labelRun({ client }: Pick<ControllerContext, 'client'>, kind: keyof typeof operations, { metadata }: Resource<'Backup' | 'Drill'>, schedule: Resource<'BackupSchedule'> | undefined, signal: AbortSignal): Promise<void> {
  const missing = Object.entries(schedule ? runLabelsOf(schedule, kind) : {}).filter(([label]) => metadata.labels?.[label] === undefined);
  if (missing.length > 0) await client.patch(kind, metadata, { metadata: { labels: Object.fromEntries(missing) } }, { signal });
}
