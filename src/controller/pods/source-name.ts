import type { Resource } from '../../kubernetes/resources/kinds.ts';
import { defaultSourceName } from './names.ts';

/** What the backups of a schedule, or of a Backup that names its database itself, are filed under. */
export function sourceNameOf({ metadata, spec }: Resource<'BackupSchedule'> | Resource<'Backup'>): string {
  return spec.sourceName ?? defaultSourceName(metadata.name);
}
