import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeManifest, type Manifest } from './chart.ts';
import { baseFolder, kustomized, overlays, plainFolder, plainManifests, renderedFor } from './plain-manifests.ts';
import { problemsOf } from './schemas.ts';

const folders = ['base', ...(await overlays()).map((overlay) => `overlays/${overlay}`)];
const built = await Promise.all(folders.map(async (folder) => ({ folder, manifests: await kustomized(join(plainFolder, folder)) })));

test('the base is what the chart renders (npm run docs:chart)', async () => {
  const manifests = await plainManifests();
  expect([...manifests.keys()].toSorted()).toEqual(['access.yaml', 'api.yaml', 'controller.yaml', 'definitions.yaml']);
  for (const [file, text] of manifests) expect(readFileSync(join(baseFolder, file), 'utf8')).toBe(text);
});

describe.each(built)('k8s/$folder', ({ folder, manifests }) => {
  test("is what the chart makes of the folder's values, and a namespace", async () => {
    const { Namespace: [namespace] = [], ...others } = Object.groupBy(manifests, ({ kind }) => kind);
    expect(namespace?.metadata.labels?.['pod-security.kubernetes.io/enforce']).toBe('restricted');
    expect(comparable(Object.values(others).flatMap((each) => each ?? []))).toEqual(comparable(await renderedFor(join(plainFolder, folder))));
  });

  test('fits the schemas of the API', () => {
    const problems = manifests.flatMap((manifest) => problemsOf(manifest).map((problem) => `${describeManifest(manifest)}: ${problem}`));
    expect(problems).toEqual([]);
  });
});

test('k8s/sample fits the schemas of the API, those of our kinds too', async () => {
  const manifests = await kustomized(join(plainFolder, 'sample'));
  expect(manifests.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['StatefulSet', 'BackupRepository', 'BackupSchedule']));
  expect(manifests.flatMap((manifest) => problemsOf(manifest).map((problem) => `${describeManifest(manifest)}: ${problem}`))).toEqual([]);
});

/** By name; what merges by a name (variables, volumes) has no order that counts. */
function comparable(manifests: readonly Manifest[]): Record<string, unknown> {
  const named = manifests.map((manifest) => [describeManifest(manifest), JSON.parse(JSON.stringify(manifest, sorted)) as unknown] as const);
  return Object.fromEntries(named);
}

function sorted(key: string, value: unknown): unknown {
  return ['env', 'volumes', 'volumeMounts'].includes(key) && Array.isArray(value) ? (value as { name: string }[]).toSorted((a, b) => a.name.localeCompare(b.name)) : value;
}
