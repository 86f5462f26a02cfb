import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { definitions, type StructuralSchema } from '../../src/kubernetes/resources/definitions.ts';
import { definitionTemplates } from './definition-templates.ts';

const folder = join(import.meta.dirname, '../../charts/holdfast/templates/crds');

/** Every schema of a definition with where it stands. */
function* schemasOf(schema: StructuralSchema, path: string): Generator<readonly [string, StructuralSchema]> {
  yield [path, schema];
  for (const [name, field] of Object.entries(schema.properties ?? {})) yield* schemasOf(field, `${path}.${name}`);
  if (schema.items !== undefined) yield* schemasOf(schema.items, `${path}[]`);
  if (schema.additionalProperties !== undefined) yield* schemasOf(schema.additionalProperties, `${path}{}`);
}

const all = definitions().flatMap(({ spec }) => [...schemasOf(spec.versions[0]!.schema.openAPIV3Schema, spec.names.kind)]);

describe('definitions', () => {
  test("the chart's files are the ones that the schemas give: `npm run docs:crds` writes them", () => {
    const written = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
    expect(written).toEqual(Object.fromEntries(definitionTemplates()));
  });

  test('holds no text that Helm would take for an action', () => {
    for (const definition of definitions()) expect(JSON.stringify(definition)).not.toContain('{{');
  });

  test('every schema is structural: one type, and either named fields or free ones', () => {
    for (const [path, schema] of all) {
      expect([path, schema.type]).toEqual([path, expect.stringMatching(/^(object|array|string|integer|boolean)$/)]);
      expect([path, schema.properties !== undefined && schema.additionalProperties !== undefined]).toEqual([path, false]);
      expect([path, Object.keys(schema).filter((keyword) => ['$ref', '$schema', 'const', 'exclusiveMinimum', 'propertyNames'].includes(keyword))]).toEqual([path, []]);
    }
  });

  test('an array is bounded, so that the cost of the rules inside can be told', () => {
    const unbounded = all.filter(([, schema]) => schema.type === 'array' && schema['maxItems'] === undefined);
    expect(unbounded).toEqual([]);
  });

  test('a field with a default is not required', () => {
    for (const [path, schema] of all) {
      const defaulted = Object.entries(schema.properties ?? {}).filter(([, field]) => 'default' in field);
      expect([path, defaulted.filter(([name]) => schema.required?.includes(name))]).toEqual([path, []]);
    }
  });

  test('an object without fields passes what it holds through', () => {
    for (const [path, schema] of all) {
      if (schema.type !== 'object' || path.endsWith('.metadata') || schema.properties !== undefined || schema.additionalProperties !== undefined) continue;
      expect([path, schema['x-kubernetes-preserve-unknown-fields']]).toEqual([path, true]);
    }
  });

  test.each([
    ['BackupRepository.spec', 'give one of s3 and volume'],
    ['BackupSchedule.spec.schedule', 'the time zone goes into timeZone'],
    ['BackupSchedule.spec.source', 'give one of postgres and sqlite'],
    ['Backup.spec', 'a run is not changed: make a new one'],
    ['Restore.spec', 'a run is not changed: make a new one'],
    ['Drill.spec', 'a run is not changed: make a new one'],
  ])('%s has the rule "%s"', (path, message) => {
    const rules = all.find(([at]) => at === path)?.[1]['x-kubernetes-validations'];
    expect(rules).toEqual(expect.arrayContaining([expect.objectContaining({ message })]));
  });
});
