import { isJsonObject, type Json, type JsonObject } from '../api-object.ts';
import { isEqual } from '../patches.ts';
import type { Cause } from '../refusal.ts';
import { celExpression, celValue } from './cel.ts';
import { fieldSchema } from './prune.ts';
import type { Rule, Schema } from './schema.ts';
import { joined } from './validate.ts';

/** What `x-kubernetes-validations` refuse, rules on fields and their parents alike. `previous` is what was there, for rules about `oldSelf`. */
export function checkRules(value: Json | undefined, previous: Json | undefined, schema: Schema, path: string): Cause[] {
  if (value === undefined || value === null) return [];
  const own = (schema['x-kubernetes-validations'] ?? []).flatMap((rule) => checkRule(rule, value, previous, schema, path));
  return [...own, ...checkParts(value, previous, schema, path)];
}

function checkParts(value: Json, previous: Json | undefined, schema: Schema, path: string): Cause[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? [] : (value as readonly Json[]).flatMap((item, index) => checkRules(item, correlated(item, previous, schema), items, `${path}[${index}]`));
  }
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, field]) => {
    const own = fieldSchema(schema, name);
    return own === undefined ? [] : checkRules(field, isJsonObject(previous) ? previous[name] : undefined, own, joined(path, name));
  });
}

/** The item of the same keys before; items of lists without keys have no before. */
function correlated(item: Json, previous: Json | undefined, schema: Schema): Json | undefined {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (keys === undefined || !Array.isArray(previous)) return undefined;
  return (previous as readonly Json[]).find((before) => keys.every((key) => isEqual((before as JsonObject)[key], (item as JsonObject)[key])));
}

function checkRule({ rule, message, messageExpression, reason = 'FieldValueInvalid', fieldPath, optionalOldSelf }: Rule, value: Json, previous: Json | undefined, schema: Schema, path: string): Cause[] {
  if (/\boldSelf\b/.test(rule) && previous === undefined && optionalOldSelf !== true) return [];
  const shown = isJsonObject(value) ? '"object"' : Array.isArray(value) ? '"array"' : JSON.stringify(value);
  const refuse = (why: string): Cause[] => [{ reason, field: `${path}${fieldPath ?? ''}`, message: `Invalid value: ${shown}: ${why}` }];
  const variables = { self: celValue(value, schema), ...(previous !== undefined && { oldSelf: celValue(previous, schema) }) };
  try {
    if (celExpression(rule)(variables) === true) return [];
    return refuse(messageExpression === undefined ? (message ?? `failed rule: ${rule}`) : String(celExpression(messageExpression)(variables)));
  } catch (error) {
    return refuse(`rule evaluation error: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`);
  }
}
