import { z } from 'zod';
import { JobSettings, NameReference, runStatusFields, SourceField, SourceNameField, time } from './fields.ts';

/** One restore. `latest` is resolved once; applying the same object again never runs it again. */
export const RestoreSpec = z
  .strictObject({
    repositoryRef: NameReference,
    sourceName: SourceNameField,
    backup: z.string().min(1).max(64).default('latest').describe('An id, a unique beginning of one, or latest.'),
    target: SourceField.describe('The database to restore into.'),
    mode: z.enum(['New', 'Swap', 'Overwrite']).default('New').describe('New refuses a target that exists; Swap restores beside it and exchanges names; Overwrite replaces it after a safety backup.'),
    skipOwners: z.boolean().optional(),
    endSessions: z.boolean().optional(),
    onMissing: z.enum(['Fail']).default('Fail').describe('Where the backup is not there. Never the nearest.'),
    jobs: JobSettings.optional(),
  })
  .meta({ 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'a run is not changed: make a new one' }] });
export type RestoreSpec = z.infer<typeof RestoreSpec>;

export const RestoreStatus = z.strictObject({
  ...runStatusFields,
  /** What `latest` meant, or the whole id. */
  backupId: z.string().max(64).optional(),
  stateAt: time.optional(),
  safetyBackupId: z.string().max(64).optional(),
});
export type RestoreStatus = z.infer<typeof RestoreStatus>;
