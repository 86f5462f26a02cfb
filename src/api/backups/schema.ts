import { z } from 'zod';
import { LocalName, runPhases, SourceNameField } from '../../kubernetes/resources/fields.ts';
import { pageRequest } from '../page-request.ts';

const inNamespace = { ...pageRequest, namespace: LocalName.optional() };

export const ResourceList = z.strictObject(inNamespace);

const runFilters = { repository: LocalName.optional(), source: SourceNameField.optional(), phase: z.enum(runPhases).optional() };
export const RestoreList = z.strictObject({ ...inNamespace, ...runFilters });
export const RunList = z.strictObject({ ...inNamespace, ...runFilters, schedule: LocalName.optional() });

export const ResourceName = z.strictObject({ namespace: LocalName, name: LocalName });

/** A run that is asked for: `spec` as its kind has it. */
export function runRequest<Spec extends z.ZodType>(spec: Spec) {
  return z.strictObject({ namespace: LocalName, name: LocalName.max(63).optional(), spec });
}
