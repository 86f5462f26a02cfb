import { z } from 'zod';
import { conditionsField, count, CronField, cronJobFields, JobSettings, NameReference, SourceField, SourceNameField, time } from './fields.ts';

const keep = z.int().min(1).max(10_000).optional();
const age = z.string().regex(/^[0-9]+[smhdw]$/).max(16).optional();

const retentionRules = { keepLast: keep, keepHourly: keep, keepDaily: keep, keepWeekly: keep, keepMonthly: keep, keepYearly: keep, keepWithin: age, olderThan: age };

/** As the options of `holdfast cleanup`, which ends with a failure where it is given no rule. */
export const RetentionField = z
  .strictObject({ schedule: CronField.default('H H * * *'), ...cronJobFields, ...retentionRules })
  .meta({ 'x-kubernetes-validations': [{ rule: Object.keys(retentionRules).map((rule) => `has(self.${rule})`).join(' || '), message: 'retention needs a rule: keepDaily, olderThan or their like' }] });
export type RetentionField = z.infer<typeof RetentionField>;

export const BackupOptions = z.strictObject({
  compress: z.boolean().optional(),
  compressionLevel: z.int().min(1).max(19).optional(),
  connections: z.int().min(1).max(64).optional(),
  globals: z.boolean().optional().describe('PostgreSQL: roles and tablespaces too. On by default.'),
});
export type BackupOptions = z.infer<typeof BackupOptions>;

/** When a source is backed up, proven, and what stays. */
export const BackupScheduleSpec = z.strictObject({
  repositoryRef: NameReference,
  source: SourceField,
  sourceName: SourceNameField.optional().describe("The source's name in the repository; the resource's own name when not given."),
  schedule: CronField,
  ...cronJobFields,
  startingDeadlineSeconds: z.int().min(60).default(3600),
  trigger: z.string().max(128).optional().describe('Each new value makes one run at once.'),
  catchUp: z.boolean().default(true).describe('A run that was missed (cluster down, controller away) is made up for, once.'),
  backup: BackupOptions.optional(),
  drill: z
    .strictObject({
      schedule: CronField,
      ...cronJobFields,
      assertionsConfigMap: z.strictObject({ name: z.string().max(253), key: z.string().default('assertions.sql') }).optional(),
      jobs: JobSettings.optional().describe("Over the schedule's: a drill runs a database server, and restores into temporarySpace."),
    })
    .optional()
    .describe('Restores the latest backup into a throw-away database and compares.'),
  retention: RetentionField.optional(),
  jobs: JobSettings.optional(),
});
export type BackupScheduleSpec = z.infer<typeof BackupScheduleSpec>;

export const BackupScheduleStatus = z.strictObject({
  observedGeneration: z.int().min(0).optional(),
  conditions: conditionsField.optional(),
  /** With `H` resolved. */
  cron: z.string().max(256).optional(),
  /** From when due times count: the schedule was made, its cron changed, or it was resumed. */
  dueSince: time.optional(),
  lastScheduleTime: time.optional(),
  nextDueTime: time.optional(),
  lastSuccessTime: time.optional(),
  /** The Backup resource of it. */
  lastSuccessfulBackup: z.string().max(253).optional(),
  lastProvenTime: time.optional(),
  lastProvenBackup: z.string().max(253).optional(),
  lastDrillTime: time.optional(),
  lastDrillResult: z.enum(['Passed', 'Failed', 'Error']).optional(),
  lastRetentionTime: time.optional(),
  retainedBackups: count.optional(),
  consecutiveFailures: count.optional(),
  /** Due times since the last run, or since `dueSince`, at which none was started. */
  missedRuns: count.optional(),
  /** The last value of `spec.trigger` that a run was made for. */
  observedTrigger: z.string().max(128).optional(),
});
export type BackupScheduleStatus = z.infer<typeof BackupScheduleStatus>;
