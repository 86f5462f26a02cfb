import { z } from 'zod';
import { BackupOptions } from './backup-schedule.ts';
import { bytes, JobSettings, NameReference, runStatusFields, SourceField, SourceNameField, time } from './fields.ts';

const immutable = [{ rule: 'self == oldSelf', message: 'a run is not changed: make a new one' }];

/** One backup: asked for by a person, or made by a schedule's run and recorded here. */
export const BackupSpec = z
  .strictObject({
    scheduleRef: NameReference.optional(),
    repositoryRef: NameReference.optional(),
    source: SourceField.optional(),
    sourceName: SourceNameField.optional(),
    backup: BackupOptions.optional(),
    deletionPolicy: z.enum(['Retain', 'Delete']).default('Retain').describe('Delete: deleting this resource forgets the backup in the repository.'),
    jobs: JobSettings.optional(),
  })
  .meta({
    'x-kubernetes-validations': [
      ...immutable,
      { rule: 'has(self.scheduleRef) != (has(self.repositoryRef) && has(self.source))', message: 'give scheduleRef, or repositoryRef and source' },
    ],
  });
export type BackupSpec = z.infer<typeof BackupSpec>;

export const BackupStatus = z.strictObject({
  ...runStatusFields,
  /** The BackupRepository that it lies in: stays known when its schedule is gone. */
  repository: z.string().max(253).optional(),
  source: z.string().max(128).optional(),
  /** In the repository: `20260116T180445Z-abc123`. */
  backupId: z.string().max(64).optional(),
  /** The moment whose state it holds. */
  stateAt: time.optional(),
  rawBytes: bytes.optional(),
  storedBytes: bytes.optional(),
  /** Added to the repository by this run. */
  newBytes: bytes.optional(),
  suspicious: z.boolean().optional(),
  proven: z.boolean().optional(),
  provenAt: time.optional(),
  /** A retention run forgot it. */
  forgottenAt: time.optional(),
});
export type BackupStatus = z.infer<typeof BackupStatus>;
