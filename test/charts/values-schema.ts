import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { kinds } from '../../src/kubernetes/resources/kinds.ts';
import { chartFolder } from './chart.ts';

export interface JsonSchema {
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly [keyword: string]: unknown;
}

export const valuesSchemaFile = join(chartFolder, 'values.schema.json');

export function readValuesSchema(): JsonSchema {
  return JSON.parse(readFileSync(valuesSchemaFile, 'utf8')) as JsonSchema;
}

/** The schema of values with what repositories and schedules may be, as the custom resources have it: written once, in src/kubernetes/resources. */
export function withSpecs(schema: JsonSchema): JsonSchema {
  const specs = { BackupRepositorySpec: specSchema(kinds.BackupRepository.spec), BackupScheduleSpec: specSchema(kinds.BackupSchedule.spec) };
  return { ...schema, definitions: { ...schema.definitions, ...specs } };
}

/** Helm reads drafts; what only an API server understands is left out. */
function specSchema(spec: z.ZodType): JsonSchema {
  const { $schema: _draft, ...schema } = z.toJSONSchema(spec, { io: 'input', target: 'draft-7', override: ({ jsonSchema }) => dropKubernetesKeywords(jsonSchema) }) as JsonSchema;
  return schema;
}

function dropKubernetesKeywords(schema: object): void {
  for (const keyword of Object.keys(schema)) if (keyword.startsWith('x-kubernetes-')) delete (schema as Record<string, unknown>)[keyword];
}
