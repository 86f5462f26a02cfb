import type { Kept } from '../../../src/api/cluster/kept.ts';
import { BackupRepositorySpec } from '../../../src/kubernetes/resources/backup-repository.ts';
import { BackupScheduleSpec } from '../../../src/kubernetes/resources/backup-schedule.ts';
import { BackupSpec } from '../../../src/kubernetes/resources/backup.ts';
import { DrillSpec } from '../../../src/kubernetes/resources/drill.ts';

/** Resources as the API server gives them: defaults filled in. What a test is not about is the same everywhere. */
export function repository(status: Kept<'BackupRepository'>['status'] = {}, spec: object = {}, name = 'main'): Kept<'BackupRepository'> {
  return { metadata: metadata(name), spec: BackupRepositorySpec.parse({ s3: { bucket: 'backups' }, keysSecret: { name: 'keys' }, ...spec }), status };
}

export function schedule(status: Kept<'BackupSchedule'>['status'] = {}, spec: object = {}, name = 'shop'): Kept<'BackupSchedule'> {
  const source = { postgres: { addressSecret: { name: 'shop-database' } } };
  return { metadata: metadata(name), spec: BackupScheduleSpec.parse({ repositoryRef: { name: 'main' }, source, schedule: '0 2 * * *', ...spec }), status };
}

export function backup(name: string, status: Kept<'Backup'>['status'] = {}, spec: object = { scheduleRef: { name: 'shop' } }): Kept<'Backup'> {
  return { metadata: metadata(name), spec: BackupSpec.parse(spec), status };
}

export function drill(name: string, status: Kept<'Drill'>['status'] = {}, spec: object = { scheduleRef: { name: 'shop' } }): Kept<'Drill'> {
  return { metadata: metadata(name), spec: DrillSpec.parse(spec), status };
}

function metadata(name: string): Kept['metadata'] {
  return { namespace: 'shop', name, creationTimestamp: '2026-01-01T00:00:00Z' };
}
