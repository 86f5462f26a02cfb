import { z } from 'zod';
import { BackupSpec } from '../../kubernetes/resources/backup.ts';
import { DrillSpec } from '../../kubernetes/resources/drill.ts';
import { LocalName, runPhases, SourceNameField } from '../../kubernetes/resources/fields.ts';
import { RestoreSpec } from '../../kubernetes/resources/restore.ts';
import { pageRequest } from '../page-request.ts';

const inNamespace = { ...pageRequest, namespace: LocalName.optional() };

export const ResourceList = z.strictObject(inNamespace);

const runFilters = { repository: LocalName.optional(), source: SourceNameField.optional(), phase: z.enum(runPhases).optional() };
export const RestoreList = z.strictObject({ ...inNamespace, ...runFilters });
export const RunList = z.strictObject({ ...inNamespace, ...runFilters, schedule: LocalName.optional() });

export const ResourceName = z.strictObject({ namespace: LocalName, name: LocalName });

/**
 * Runs as they may be asked for here: without `jobs`, by whose variables and service account whoever asks could run what they like with any Secret
 * of the namespace. Who may make pods there applies the resource itself; an account of the service may not.
 */
export const BackupRequest = BackupSpec.omit({ jobs: true });
export const RestoreRequest = RestoreSpec.omit({ jobs: true });
export const DrillRequest = DrillSpec.omit({ jobs: true });

/** A run that is asked for: `spec` as one of these. */
export function runRequest<Spec extends z.ZodType>(spec: Spec) {
  return z.strictObject({ namespace: LocalName, name: LocalName.max(63).optional(), spec });
}
