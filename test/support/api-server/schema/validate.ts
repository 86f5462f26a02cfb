import { isJsonObject, type Json, type JsonObject } from '../api-object.ts';
import { isEqual } from '../patches.ts';
import type { Cause } from '../refusal.ts';
import { fieldSchema } from './prune.ts';
import type { Schema } from './schema.ts';

/** What is wrong with a value, in the words of the API. */
export function validate(value: Json, schema: Schema, path: string): Cause[] {
  if (value === null) return schema.nullable === true ? [] : [wrongType(value, schema, path)];
  if (schema['x-kubernetes-int-or-string'] === true) return typeof value === 'string' || Number.isInteger(value) ? [] : [wrongType(value, schema, path)];
  if (schema.type !== undefined && !isOfType(value, schema.type)) return [wrongType(value, schema, path)];
  return [
    ...(schema.enum !== undefined && !schema.enum.some((allowed) => isEqual(allowed, value)) ? [notSupported(value, schema.enum, path)] : []),
    ...(typeof value === 'string' ? validateString(value, schema, path) : []),
    ...(typeof value === 'number' ? validateNumber(value, schema, path) : []),
    ...(Array.isArray(value) ? validateList(value, schema, path) : []),
    ...(isJsonObject(value) ? validateObject(value, schema, path) : []),
  ];
}

function isOfType(value: Json, type: NonNullable<Schema['type']>): boolean {
  if (type === 'object') return isJsonObject(value);
  if (type === 'array') return Array.isArray(value);
  return type === 'integer' ? Number.isInteger(value) : typeof value === type;
}

function validateString(value: string, { minLength, maxLength, pattern, format }: Schema, path: string): Cause[] {
  const length = Array.from(value).length;
  return [
    ...(minLength !== undefined && length < minLength ? [invalidValue(value, path, `${path} in body should be at least ${minLength} chars long`)] : []),
    ...(maxLength !== undefined && length > maxLength ? [{ reason: 'FieldValueTooLong', field: path, message: `Too long: may not be more than ${maxLength} bytes` }] : []),
    ...(pattern !== undefined && !new RegExp(pattern, 'u').test(value) ? [invalidValue(value, path, `${path} in body should match '${pattern}'`)] : []),
    ...(format === 'date-time' && !isDateTime(value) ? [invalidValue(value, path, `${path} in body must be of type date-time: ${JSON.stringify(value)}`)] : []),
  ];
}

function isDateTime(value: string): boolean {
  return /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/.test(value) && !Number.isNaN(Date.parse(value));
}

function validateNumber(value: number, { minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema, path: string): Cause[] {
  const tooSmall = minimum !== undefined && (value < minimum || (exclusiveMinimum === true && value === minimum));
  const tooLarge = maximum !== undefined && (value > maximum || (exclusiveMaximum === true && value === maximum));
  return [
    ...(tooSmall ? [invalidValue(value, path, `${path} in body should be greater than ${exclusiveMinimum === true ? '' : 'or equal to '}${minimum}`)] : []),
    ...(tooLarge ? [invalidValue(value, path, `${path} in body should be less than ${exclusiveMaximum === true ? '' : 'or equal to '}${maximum}`)] : []),
  ];
}

function validateList(items: readonly Json[], schema: Schema, path: string): Cause[] {
  const { minItems, maxItems, items: itemSchema } = schema;
  return [
    ...(minItems !== undefined && items.length < minItems ? [invalidValue(items.length, path, `${path} in body should have at least ${minItems} items`)] : []),
    ...(maxItems !== undefined && items.length > maxItems ? [{ reason: 'FieldValueTooMany', field: path, message: `Too many: ${items.length}: must have at most ${maxItems} items` }] : []),
    ...duplicates(items, schema, path),
    ...items.flatMap((item, index) => (itemSchema === undefined ? [] : validate(item, itemSchema, `${path}[${index}]`))),
  ];
}

function duplicates(items: readonly Json[], schema: Schema, path: string): Cause[] {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (schema['x-kubernetes-list-type'] !== 'set' && keys === undefined) return [];
  const identities = items.map((item) => (keys === undefined || !isJsonObject(item) ? item : Object.fromEntries(keys.map((key) => [key, item[key] ?? null]))));
  return identities.flatMap((identity, index) =>
    identities.findIndex((other) => isEqual(other, identity)) < index ? [{ reason: 'FieldValueDuplicate', field: `${path}[${index}]`, message: `Duplicate value: ${JSON.stringify(identity)}` }] : []);
}

function validateObject(value: JsonObject, schema: Schema, path: string): Cause[] {
  const { required = [], minProperties, maxProperties } = schema;
  const count = Object.keys(value).length;
  return [
    ...required.filter((name) => value[name] === undefined).map((name) => ({ reason: 'FieldValueRequired', field: joined(path, name), message: 'Required value' })),
    ...(minProperties !== undefined && count < minProperties ? [invalidValue(count, path, `${path} in body should have at least ${minProperties} properties`)] : []),
    ...(maxProperties !== undefined && count > maxProperties ? [{ reason: 'FieldValueTooMany', field: path, message: `Too many: ${count}: must have at most ${maxProperties} properties` }] : []),
    ...Object.entries(value).flatMap(([name, field]) => {
      const own = fieldSchema(schema, name);
      return own === undefined ? [] : validate(field, own, joined(path, name));
    }),
  ];
}

export function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function wrongType(value: Json, { type }: Schema, path: string): Cause {
  const found = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
  return { reason: 'FieldValueTypeInvalid', field: path, message: `Invalid value: ${JSON.stringify(found)}: ${path} in body must be of type ${type ?? 'integer or string'}: ${JSON.stringify(found)}` };
}

function notSupported(value: Json, allowed: readonly Json[], path: string): Cause {
  return { reason: 'FieldValueNotSupported', field: path, message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${allowed.map((each) => JSON.stringify(each)).join(', ')}` };
}

function invalidValue(value: Json, path: string, why: string): Cause {
  return { reason: 'FieldValueInvalid', field: path, message: `Invalid value: ${JSON.stringify(value)}: ${why}` };
}
