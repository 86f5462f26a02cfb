import { z } from 'zod';
import { bytes, conditionsField, count, CronField, cronJobFields, JobSettings, LocalName, secretKey, time } from './fields.ts';

/** Where backups live: one prefix of one store, with one key. */
export const BackupRepositorySpec = z
  .strictObject({
    s3: z
      .strictObject({
        bucket: z.string().min(3).max(63),
        prefix: z.string().max(512).optional(),
        endpoint: z.string().max(2048).optional().describe('Only for servers other than AWS.'),
        region: z.string().max(64).optional(),
        pathStyle: z.boolean().optional(),
        credentialsSecret: secretKey('credentials').optional().describe("A file in the format of ~/.aws/credentials. Not needed where the pod's identity gives access."),
        caSecret: secretKey('ca.crt').optional().describe("The certificate authority of the server."),
      })
      .optional(),
    volume: z
      .strictObject({ claimName: LocalName, path: z.string().max(512).regex(/^[^/].*$/).optional().describe('A folder of the claim; its root when not given.') })
      .optional(),
    encryption: z.enum(['age', 'none']).default('age'),
    keysSecret: z
      .strictObject({ name: LocalName })
      .optional()
      .describe('Keys `repository.key` and `recipients.txt`, as `holdfast keygen` wrote them. Never the identity: who takes over a pod that backs up must not be able to read old backups.'),
    identitySecret: secretKey('identity.txt').optional().describe('What decrypts: mounted into restores and drills only.'),
    initialize: z.boolean().default(true).describe('Make the repository where there is none.'),
    prune: z.strictObject({ schedule: CronField.default('H H * * 0'), ...cronJobFields }).optional().describe('Frees what no backup needs any more.'),
    verify: z
      .strictObject({ schedule: CronField.default('H H * * 6'), readData: z.string().regex(/^([0-9]+\/[0-9]+|all)$/).optional(), ...cronJobFields })
      .optional()
      .describe('Checks that backups are as they were stored.'),
    jobs: JobSettings.optional(),
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: 'has(self.s3) != has(self.volume)', message: 'give one of s3 and volume' },
      { rule: "self.encryption == 'none' || has(self.keysSecret)", message: 'an encrypted repository needs keysSecret' },
    ],
  });
export type BackupRepositorySpec = z.infer<typeof BackupRepositorySpec>;

export const BackupRepositoryStatus = z.strictObject({
  observedGeneration: z.int().min(0).optional(),
  /** `Ready`: it was there, and the keys fitted, when it was last asked. `Whole`: what the last verify run found. */
  conditions: conditionsField.optional(),
  repositoryId: z.string().max(64).optional(),
  lastPruneTime: time.optional(),
  lastVerifyTime: time.optional(),
  freedBytes: bytes.optional(),
  findings: count.optional(),
  /** Of a volume: what the last run saw. */
  freeBytes: bytes.optional(),
  totalBytes: bytes.optional(),
});
export type BackupRepositoryStatus = z.infer<typeof BackupRepositoryStatus>;
