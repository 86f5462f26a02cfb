import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { renderChart } from './chart.ts';
import { describedValues, readmeFile, readValuesText, withValuesTable } from './readme.ts';
import { type JsonSchema, readValuesSchema, withSpecs } from './values-schema.ts';
import { load } from 'js-yaml';

const s3 = { bucket: 'backups' };
const keysSecret = { name: 'keys' };
const repositories = { main: { s3, keysSecret } };
const shop = { repositoryRef: { name: 'main' }, source: { postgres: { addressSecret: { name: 'shop' } } }, schedule: 'H 2 * * *' };
const withoutController = { controller: { enabled: false } };

describe('values are refused', () => {
  test.each([
    ['a name that there is not', { replicas: 2 }, "additional properties 'replicas' not allowed"],
    ['one further down', { api: { ingress: { host: 'a' } } }, "additional properties 'host' not allowed"],
    ['one of a repository', { repositories: { main: { s3: { ...s3, secretKey: 'x' }, keysSecret } } }, "additional properties 'secretKey' not allowed"],
    ['one of a schedule', { repositories, schedules: { shop: { ...shop, cron: '* * * * *' } } }, "additional properties 'cron' not allowed"],
    ['a schedule without a source', { schedules: { shop: { repositoryRef: { name: 'main' }, schedule: 'H 2 * * *' } } }, "missing property 'source'"],
    ['another scope', { scope: 'all' }, 'scope'],
    ['a tag as digest', { image: { digest: 'v1' } }, 'digest'],
    ['a user that may belong to a person', { userId: 1000 }, 'userId'],
    ["a password in the catalogue's address", { api: { catalog: { address: 'postgres://holdfast:secret@db/holdfast' } } }, 'address'],
    ["a password in Redis's address", { api: { redis: { address: 'redis://:secret@redis:6379' } } }, 'address'],
    ['a name in capitals', { schedules: { Shop: shop } }, 'Shop'],
    ['no replicas', { controller: { replicas: 0 } }, 'replicas'],
    ['a limit that is no quantity', { jobs: { resources: { limits: { memory: '1 GB' } } } }, 'memory'],
  ])('with %s', async (_what, values, message) => {
    await expect(renderChart({ values })).rejects.toThrow(message);
  });

  test.each([
    ['a repository on both', { main: { s3, volume: { claimName: 'a' }, keysSecret } }, {}, 'repositories.main: give one of s3 and volume'],
    ['a repository on neither', { main: { keysSecret } }, {}, 'repositories.main: give one of s3 and volume'],
    ['an encrypted repository without keys', { main: { s3 } }, {}, 'repositories.main: an encrypted repository needs keysSecret'],
    ['a schedule of another repository', repositories, { shop: { ...shop, repositoryRef: { name: 'other' } } }, 'schedules.shop.repositoryRef: there is no repositories.other'],
    ['a source that is both', repositories, { shop: { ...shop, source: { ...shop.source, sqlite: { claimName: 'a', path: 'b' } } } }, 'schedules.shop.source: give one of postgres and sqlite'],
    ['a time zone in cron', repositories, { shop: { ...shop, schedule: 'TZ=UTC 0 2 * * *' } }, 'schedules.shop: the time zone goes into timeZone'],
    ['cron of six fields', repositories, { shop: { ...shop, drill: { schedule: '0 0 2 * * *' } } }, 'schedules.shop.drill: cron has five fields'],
    ['retention without a rule', repositories, { shop: { ...shop, retention: {} } }, 'schedules.shop.retention needs a rule'],
    ['an H that is no whole field', repositories, { shop: { ...shop, schedule: 'H,30 2 * * *' } }, 'H, H(from-to) and H/step are whole fields'],
  ])('without the controller: %s', async (_what, givenRepositories, schedules, message) => {
    await expect(renderChart({ values: { ...withoutController, repositories: givenRepositories, schedules } })).rejects.toThrow(message);
  });

  test('for kinds that the cluster does not know yet, and says how', async () => {
    const cluster = ['apiregistration.k8s.io/v1'];
    const values = { repositories, schedules: { shop } };
    await expect(renderChart({ values, apiVersions: cluster })).rejects.toThrow('install without `repositories` and `schedules` first');
    const rendered = await renderChart({ values, apiVersions: [...cluster, 'holdfast.dev/v1alpha1/BackupSchedule'] });
    expect(rendered.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['BackupRepository', 'BackupSchedule']));
  });
});

/** What Kubernetes itself defines passes through as it is. */
const passedThrough = ['anyObject', 'objects', 'global'];

test('the schema is closed at every depth', () => {
  const { definitions = {}, ...top } = readValuesSchema();
  const open = [...openPlaces(top, 'values'), ...Object.entries(definitions).flatMap(([name, schema]) => openPlaces(schema, name))];
  expect(open.filter((place) => !passedThrough.some((name) => place.startsWith(name) || place.endsWith(`.${name}`)) && !/\.(resources|tolerations\[\]|affinity|extraEnv\[\])$/.test(place))).toEqual([]);
});

test('the schema has what repositories and schedules may be, as the custom resources have it (npm run docs:chart)', () => {
  expect(readValuesSchema()).toEqual(JSON.parse(JSON.stringify(withSpecs(readValuesSchema()))));
});

test('the README lists every value (npm run docs:chart)', () => {
  const readme = readFileSync(readmeFile, 'utf8');
  expect(readme).toBe(withValuesTable(readme, readValuesText()));
});

test('every value is described', () => {
  const described = new Set(describedValues(readValuesText()).map(({ key }) => key));
  const undescribed = leaves(load(readValuesText()) as object).filter((leaf) => ![...described].some((key) => leaf === key || leaf.startsWith(`${key}.`)));
  expect(undescribed).toEqual([]);
});

function openPlaces(schema: JsonSchema, path: string): string[] {
  const open = schema['type'] === 'object' && (schema.additionalProperties === undefined || isAnything(schema.additionalProperties));
  const inside = [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) => openPlaces(property, `${path}.${name}`)),
    ...(typeof schema.additionalProperties === 'object' ? openPlaces(schema.additionalProperties, `${path}.*`) : []),
    ...(schema.items ? openPlaces(schema.items, `${path}[]`) : []),
  ];
  return open ? [path, ...inside] : inside;
}

function isAnything(schema: boolean | JsonSchema): boolean {
  return schema === true || (typeof schema === 'object' && Object.keys(schema).length === 0);
}

function leaves(values: object, path = ''): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value as object).length > 0;
    return isMap ? leaves(value as object, `${path}${name}.`) : [`${path}${name}`];
  });
}
