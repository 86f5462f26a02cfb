import { isJsonObject, type Json, type JsonObject } from '../api-object.ts';
import type { Schema } from './schema.ts';

/** Drops the fields that the schema does not know, and tells their paths. */
export function prune(value: Json, schema: Schema, path: string, dropped: string[]): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map((item, index) => (schema.items === undefined ? item : prune(item, schema.items, `${path}[${index}]`, dropped)));
  if (!isJsonObject(value)) return value;
  const kept: [string, Json][] = [];
  for (const [name, field] of Object.entries(value)) {
    const own = fieldSchema(schema, name);
    const at = path === '' ? name : `${path}.${name}`;
    if (own !== undefined) kept.push([name, prune(field, own, at, dropped)]);
    else if (schema['x-kubernetes-preserve-unknown-fields'] === true || schema.additionalProperties === true || isEmbedded(schema, name)) kept.push([name, field]);
    else dropped.push(at);
  }
  return Object.fromEntries(kept);
}

/** The schema of one field of an object, by its name or as any other's. */
export function fieldSchema({ properties, additionalProperties }: Schema, name: string): Schema | undefined {
  if (properties !== undefined && Object.hasOwn(properties, name)) return properties[name];
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

function isEmbedded(schema: Schema, name: string): boolean {
  return schema['x-kubernetes-embedded-resource'] === true && ['apiVersion', 'kind', 'metadata'].includes(name);
}

/** Fills in what is not given; an explicit null counts as not given where the field may not be null. */
export function complete(value: Json, schema: Schema): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => (schema.items === undefined ? item : complete(item, schema.items)));
  if (!isJsonObject(value)) return value;
  const completed: Record<string, Json> = {};
  for (const [name, field] of Object.entries(value)) {
    const own = fieldSchema(schema, name);
    if (field === null && own?.default !== undefined && own.nullable !== true) continue;
    completed[name] = own === undefined ? field : complete(field, own);
  }
  for (const [name, own] of Object.entries(schema.properties ?? {})) {
    if (own.default !== undefined && completed[name] === undefined) completed[name] = complete(structuredClone(own.default) as JsonObject, own);
  }
  return completed;
}
