import { z } from 'zod';

/** Fields that several kinds share. Descriptions are what `kubectl explain` says. */

const duration = z.int().min(60).describe('Seconds, 60 at least.');

/** A name of an object in the same namespace. */
export const LocalName = z.string().min(1).max(253).regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);

/** Of a source in a repository: what its backups are filed under. As the repository's own `SourceName`. */
export const SourceNameField = z.string().min(1).max(63).regex(/^[a-z0-9][a-z0-9._-]*$/);

export const NameReference = z.strictObject({ name: LocalName });
export type NameReference = z.infer<typeof NameReference>;

/** A key of a Secret in the same namespace. */
export function secretKey(key: string) {
  return z.strictObject({ name: LocalName, key: z.string().min(1).max(253).default(key) });
}

/** A database: where its address, password included, is kept, or its file. */
export const SourceField = z
  .strictObject({
    postgres: z
      .strictObject({ addressSecret: secretKey('address').describe('Holds postgres://user:password@host/database.') })
      .optional(),
    sqlite: z
      .strictObject({
        claimName: LocalName.describe('The PersistentVolumeClaim that the database lies on.'),
        path: z.string().min(1).max(1024).regex(/^[^/].*$/).describe('The file, from the root of the claim.'),
      })
      .optional(),
  })
  .meta({ 'x-kubernetes-validations': [{ rule: 'has(self.postgres) != has(self.sqlite)', message: 'give one of postgres and sqlite' }] });
export type SourceField = z.infer<typeof SourceField>;

/** Five fields; `H` stands for a value made of namespace and name, so that not all run at the same minute. */
export const CronField = z
  .string()
  .min(1)
  .max(256)
  .describe('Cron, five fields; H is a value made of namespace and name, so that not all run at once.')
  .meta({ 'x-kubernetes-validations': [{ rule: "!self.contains('TZ=')", message: 'the time zone goes into timeZone' }, { rule: "self.startsWith('@') || size(self.split(' ').filter(f, f != '')) == 5", message: 'cron has five fields' }] });

const unknownFields = { 'x-kubernetes-preserve-unknown-fields': true } as const;

/** Of a run, where nothing else is said. */
export const defaultDeadlineSeconds = 21_600;

/** How pods of jobs are made, beyond what is the same for all. Kinds of Kubernetes itself pass through as they are. */
export const JobSettings = z.strictObject({
  activeDeadlineSeconds: duration.optional().describe('A run that takes longer is ended. Seconds, 60 at least.'),
  resources: z.looseObject({}).meta(unknownFields).optional(),
  /** Bytes as Kubernetes writes them: `256Mi`. */
  temporarySpace: z.string().max(32).regex(/^[0-9]+(\.[0-9]+)?(Ki|Mi|Gi|Ti|k|M|G|T)?$/).optional().describe('Of /tmp. Drills restore there.'),
  userId: z.int().min(1).max(2_147_483_647).optional().describe('User, group and fsGroup of the pod, where the files of a volume belong to another than 65532: the fsGroup of the pods that use it.'),
  serviceAccountName: LocalName.optional().describe("For access to a bucket by the pod's identity."),
  priorityClassName: LocalName.optional(),
  nodeSelector: z.record(z.string(), z.string()).optional(),
  tolerations: z.array(z.looseObject({}).meta(unknownFields)).max(64).optional(),
  affinity: z.looseObject({}).meta(unknownFields).optional(),
  podLabels: z.record(z.string(), z.string()).optional(),
  podAnnotations: z.record(z.string(), z.string()).optional(),
  extraEnv: z.array(z.looseObject({ name: z.string() }).meta(unknownFields)).max(64).optional(),
});
export type JobSettings = z.infer<typeof JobSettings>;

/** As `metav1.Condition`. */
export const Condition = z.strictObject({
  type: z.string().max(316),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string().min(1).max(1024),
  message: z.string().max(32_768),
  lastTransitionTime: z.iso.datetime(),
  observedGeneration: z.int().min(0).optional(),
});
export type Condition = z.infer<typeof Condition>;

export const conditionsField = z.array(Condition).max(16).meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] });

/** Why a run failed, as the job said it, or Kubernetes of the Job. */
export const RunFailure = z.strictObject({
  code: z.string().max(128),
  message: z.string().max(4096),
  hint: z.string().max(4096).optional(),
  exitCode: z.int().optional(),
});
export type RunFailure = z.infer<typeof RunFailure>;

export const runPhases = ['Pending', 'Running', 'Succeeded', 'Failed'] as const;

/** Of every one-shot kind. */
export const runStatusFields = {
  observedGeneration: z.int().min(0).optional(),
  phase: z.enum(runPhases).optional(),
  jobName: z.string().max(63).optional(),
  startedAt: z.iso.datetime().optional(),
  finishedAt: z.iso.datetime().optional(),
  failure: RunFailure.optional(),
  conditions: conditionsField.optional(),
} as const;

export const time = z.iso.datetime();
export const bytes = z.int().min(0);
export const count = z.int().min(0);
export const cronJobFields = { suspend: z.boolean().optional(), timeZone: z.string().min(1).max(64).default('Etc/UTC') } as const;
