import { z } from 'zod';
import { JobSettings, NameReference, runStatusFields, SourceNameField, time } from './fields.ts';

/** One drill: restores a backup into a throw-away database and compares. */
export const DrillSpec = z
  .strictObject({
    scheduleRef: NameReference.optional(),
    repositoryRef: NameReference.optional(),
    sourceName: SourceNameField.optional(),
    backup: z.string().min(1).max(64).default('latest'),
    assertionsConfigMap: z.strictObject({ name: z.string().max(253), key: z.string().default('assertions.sql') }).optional(),
    jobs: JobSettings.optional(),
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: 'self == oldSelf', message: 'a run is not changed: make a new one' },
      { rule: 'has(self.scheduleRef) != (has(self.repositoryRef) && has(self.sourceName))', message: 'give scheduleRef, or repositoryRef and sourceName' },
    ],
  });
export type DrillSpec = z.infer<typeof DrillSpec>;

export const DrillStatus = z.strictObject({
  ...runStatusFields,
  source: z.string().max(128).optional(),
  backupId: z.string().max(64).optional(),
  /** Error: it could not run, and says nothing of the backup. */
  result: z.enum(['Passed', 'Failed', 'Error']).optional(),
  /** Recovery time: how long the restore took. */
  restoreMs: z.int().min(0).optional(),
  checkMs: z.int().min(0).optional(),
  /** Recovery point: how old the restored state was. */
  ageMs: z.int().optional(),
  stateAt: time.optional(),
});
export type DrillStatus = z.infer<typeof DrillStatus>;
