import { Environment } from '@marcbachmann/cel-js';
import { isJsonObject } from '../api-object.ts';
import { fieldSchema } from './prune.ts';
import type { Schema } from './schema.ts';

/** Where CEL is evaluated: variables are untyped, which a real server, compiling against the schema, is stricter about. */
const celEnvironment = new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false, enableOptionalTypes: true });

const parsed = new Map<string, ReturnType<typeof celEnvironment.parse>>();

/** A CEL expression, parsed once. */
export function celExpression(text: string): ReturnType<typeof celEnvironment.parse> {
  const known = parsed.get(text) ?? celEnvironment.parse(text);
  parsed.set(text, known);
  return known;
}

/** Integers are another type than numbers in CEL, and so are times where the schema says so. */
export function celValue(value: unknown, schema?: Schema): unknown {
  if (Array.isArray(value)) return (value as readonly unknown[]).map((item) => celValue(item, schema?.items));
  if (isJsonObject(value)) return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, celValue(field, schema === undefined ? undefined : fieldSchema(schema, name))]));
  if (typeof value === 'number' && Number.isInteger(value) && schema?.type !== 'number') return BigInt(value);
  if (typeof value === 'string' && schema?.format === 'date-time') return new Date(value);
  return value;
}
