import { isJsonObject } from '../api-object.ts';
import type { Cause } from '../refusal.ts';
import { celExpression } from './cel.ts';
import type { Schema } from './schema.ts';
import { joined, validate } from './validate.ts';

/** Keywords that definitions may use; a server drops others (`const`, `$ref`, `patternProperties`, …), or refuses the definition. */
const keywords: ReadonlySet<string> = new Set([
  'type', 'format', 'title', 'description', 'properties', 'additionalProperties', 'required', 'items', 'default', 'enum', 'nullable', 'pattern', 'minLength', 'maxLength', 'minimum', 'maximum', 'exclusiveMinimum',
  'exclusiveMaximum', 'multipleOf', 'minItems', 'maxItems', 'minProperties', 'maxProperties', 'allOf', 'anyOf', 'oneOf', 'not', 'example', 'externalDocs', 'x-kubernetes-preserve-unknown-fields', 'x-kubernetes-int-or-string',
  'x-kubernetes-embedded-resource', 'x-kubernetes-list-type', 'x-kubernetes-list-map-keys', 'x-kubernetes-map-type', 'x-kubernetes-validations',
]);

interface Version {
  readonly name: string;
  readonly schema?: { readonly openAPIV3Schema?: Schema };
  readonly storage?: boolean;
}

/** What a server refuses of a CustomResourceDefinition: its schemas have to be structural, its rules have to be CEL. */
export function checkDefinition(spec: { readonly versions?: readonly Version[]; readonly group?: string; readonly names?: { readonly plural?: string } }, name: string): Cause[] {
  const { versions = [], group = '', names: { plural = '' } = {} } = spec;
  return [
    ...(name === `${plural}.${group}` ? [] : [wrong('metadata.name', `must be spec.names.plural+"."+spec.group`)]),
    ...(versions.filter(({ storage }) => storage === true).length === 1 ? [] : [wrong('spec.versions', 'must have exactly one version marked as storage version')]),
    ...versions.flatMap(({ schema }, index) => {
      const path = `spec.versions[${index}].schema.openAPIV3Schema`;
      return schema?.openAPIV3Schema === undefined ? [wrong(path, 'schemas are required')] : checkSchema(schema.openAPIV3Schema, path);
    }),
  ];
}

function checkSchema(schema: Schema, path: string): Cause[] {
  const { type, properties, additionalProperties, items, required = [] } = schema;
  const untyped = schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  return [
    ...Object.keys(schema).filter((keyword) => !keywords.has(keyword)).map((keyword) => wrong(joined(path, keyword), 'unknown field')),
    ...(type === undefined && !untyped ? [wrong(joined(path, 'type'), 'must not be empty for specified object fields')] : []),
    ...(typeof schema.exclusiveMinimum === 'number' || typeof schema.exclusiveMaximum === 'number' ? [wrong(path, 'exclusive bounds are booleans')] : []),
    ...(properties !== undefined && additionalProperties !== undefined ? [wrong(joined(path, 'additionalProperties'), 'mutually exclusive with properties')] : []),
    ...(type === 'array' && items === undefined ? [wrong(joined(path, 'items'), 'must be specified')] : []),
    ...required.filter((field) => properties !== undefined && !Object.hasOwn(properties, field)).map((field) => wrong(joined(path, 'required'), `${field} is no property`)),
    ...(schema.default === undefined ? [] : validate(schema.default, schema, joined(path, 'default'))),
    ...checkListKeys(schema, path),
    ...(schema['x-kubernetes-validations'] ?? []).flatMap(({ rule, messageExpression }) => [rule, ...(messageExpression === undefined ? [] : [messageExpression])].flatMap((text) => checkExpression(text, joined(path, 'x-kubernetes-validations')))),
    ...Object.entries(properties ?? {}).flatMap(([name, field]) => checkSchema(field, `${path}.properties[${name}]`)),
    ...(isJsonObject(additionalProperties) ? checkSchema(additionalProperties, joined(path, 'additionalProperties')) : []),
    ...(items === undefined ? [] : checkSchema(items, joined(path, 'items'))),
  ];
}

/** Keys that are not required and have no default could be missing, and items then have no identity. */
function checkListKeys(schema: Schema, path: string): Cause[] {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (schema['x-kubernetes-list-type'] !== 'map') return keys === undefined ? [] : [wrong(path, 'x-kubernetes-list-map-keys need the list type map')];
  const { properties = {}, required = [] } = schema.items ?? {};
  return (keys ?? []).filter((key) => properties[key]?.default === undefined && !required.includes(key)).map((key) => wrong(`${path}.items.properties[${key}].default`, 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'));
}

function checkExpression(text: string, path: string): Cause[] {
  try {
    celExpression(text);
    return [];
  } catch (error) {
    return [wrong(path, `compilation failed: ${text}: ${String(error)}`)];
  }
}

function wrong(field: string, why: string): Cause {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${why}` };
}
