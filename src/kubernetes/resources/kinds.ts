import type { z } from 'zod';
import { BackupRepositorySpec, BackupRepositoryStatus } from './backup-repository.ts';
import { BackupScheduleSpec, BackupScheduleStatus } from './backup-schedule.ts';
import { BackupSpec, BackupStatus } from './backup.ts';
import { DrillSpec, DrillStatus } from './drill.ts';
import type { apiVersion } from './names.ts';
import { RestoreSpec, RestoreStatus } from './restore.ts';

export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'date' | 'integer' | 'boolean';
  readonly jsonPath: string;
  /** 0 is always shown, 1 with `-o wide`. */
  readonly priority?: number;
}

export interface Kind<Spec extends z.ZodType = z.ZodType, Status extends z.ZodType = z.ZodType> {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly description: string;
  readonly spec: Spec;
  readonly status: Status;
  readonly columns: readonly PrinterColumn[];
}

const age: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };
const phase: PrinterColumn = { name: 'Phase', type: 'string', jsonPath: '.status.phase' };

/** Every kind of ours, once: the definitions, the client, the API and the plugin are made of it. */
export const kinds = {
  BackupRepository: {
    kind: 'BackupRepository',
    plural: 'backuprepositories',
    singular: 'backuprepository',
    shortNames: ['brepo'],
    description: 'Where backups live: one prefix of one store, with one key.',
    spec: BackupRepositorySpec,
    status: BackupRepositoryStatus,
    columns: [
      { name: 'Bucket', type: 'string', jsonPath: '.spec.s3.bucket' },
      { name: 'Claim', type: 'string', jsonPath: '.spec.volume.claimName' },
      { name: 'Ready', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].status" },
      { name: 'Whole', type: 'string', jsonPath: ".status.conditions[?(@.type=='Whole')].status" },
      age,
    ],
  },
  BackupSchedule: {
    kind: 'BackupSchedule',
    plural: 'backupschedules',
    singular: 'backupschedule',
    shortNames: ['bsched'],
    description: 'When a source is backed up, proven, and what stays.',
    spec: BackupScheduleSpec,
    status: BackupScheduleStatus,
    columns: [
      { name: 'Cron', type: 'string', jsonPath: '.status.cron' },
      { name: 'Last-Success', type: 'date', jsonPath: '.status.lastSuccessTime' },
      { name: 'Last-Proven', type: 'date', jsonPath: '.status.lastProvenTime' },
      { name: 'RPO', type: 'date', jsonPath: '.status.lastSuccessTime' },
      { name: 'Suspended', type: 'boolean', jsonPath: '.spec.suspend' },
      { name: 'Failures', type: 'integer', jsonPath: '.status.consecutiveFailures', priority: 1 },
      { name: 'Next', type: 'string', jsonPath: '.status.nextDueTime', priority: 1 },
      age,
    ],
  },
  Backup: {
    kind: 'Backup',
    plural: 'backups',
    singular: 'backup',
    shortNames: ['bkp'],
    description: 'One backup of one source.',
    spec: BackupSpec,
    status: BackupStatus,
    columns: [
      { name: 'Source', type: 'string', jsonPath: '.status.source' },
      phase,
      { name: 'Size', type: 'integer', jsonPath: '.status.rawBytes' },
      { name: 'Proven', type: 'boolean', jsonPath: '.status.proven' },
      { name: 'Id', type: 'string', jsonPath: '.status.backupId', priority: 1 },
      { name: 'Failure', type: 'string', jsonPath: '.status.failure.code', priority: 1 },
      age,
    ],
  },
  Restore: {
    kind: 'Restore',
    plural: 'restores',
    singular: 'restore',
    shortNames: ['rst'],
    description: 'One restore of one backup.',
    spec: RestoreSpec,
    status: RestoreStatus,
    columns: [
      { name: 'Source', type: 'string', jsonPath: '.spec.sourceName' },
      { name: 'Backup', type: 'string', jsonPath: '.status.backupId' },
      { name: 'Mode', type: 'string', jsonPath: '.spec.mode' },
      phase,
      { name: 'Failure', type: 'string', jsonPath: '.status.failure.code', priority: 1 },
      age,
    ],
  },
  Drill: {
    kind: 'Drill',
    plural: 'drills',
    singular: 'drill',
    shortNames: ['drl'],
    description: 'One proof of one backup: restored into a throw-away database and compared.',
    spec: DrillSpec,
    status: DrillStatus,
    columns: [
      { name: 'Source', type: 'string', jsonPath: '.status.source' },
      { name: 'Backup', type: 'string', jsonPath: '.status.backupId' },
      phase,
      { name: 'Result', type: 'string', jsonPath: '.status.result' },
      { name: 'Restore-Ms', type: 'integer', jsonPath: '.status.restoreMs', priority: 1 },
      age,
    ],
  },
} as const satisfies Record<string, Kind>;
export type KindName = keyof typeof kinds;

export interface ObjectMeta {
  readonly name: string;
  readonly namespace: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** An object of kind `Name` as the API server gives it. */
export interface Resource<Name extends KindName = KindName> {
  readonly apiVersion: typeof apiVersion;
  readonly kind: Name;
  readonly metadata: ObjectMeta;
  readonly spec: z.infer<(typeof kinds)[Name]['spec']>;
  readonly status?: z.infer<(typeof kinds)[Name]['status']>;
}
