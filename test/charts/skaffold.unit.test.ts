import { expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { chartFolder, helm } from './chart.ts';
import { plainFolder } from './plain-manifests.ts';

interface Configuration {
  readonly build: { readonly artifacts: readonly { readonly image: string; readonly docker: { readonly target: string } }[] };
  readonly manifests?: { readonly kustomize: { readonly paths: readonly string[] } };
  readonly deploy: { readonly helm?: { readonly releases: readonly { readonly setValues: Record<string, unknown>; readonly setValueTemplates: Record<string, string> }[] } };
}

const root = join(plainFolder, '..');
const configurations = loadAll(readFileSync(join(root, 'skaffold.yaml'), 'utf8')) as Configuration[];

test('skaffold builds stages that the Dockerfile has, and deploys folders that there are', () => {
  const stages = [...readFileSync(join(root, 'Dockerfile'), 'utf8').matchAll(/^FROM .* AS (\S+)$/gm)].map(([, stage]) => stage);
  expect(stages).toEqual(expect.arrayContaining(configurations.flatMap(({ build }) => build.artifacts.map(({ docker }) => docker.target))));
  expect(configurations.flatMap(({ manifests }) => manifests?.kustomize.paths ?? []).filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('skaffold sets values that the chart takes, images of its own builds among them', async () => {
  const [release] = configurations.flatMap(({ deploy }) => deploy.helm?.releases ?? []);
  const templates = Object.entries(release?.setValueTemplates ?? {}).map(([key, template]) => [key, asBuilt(template)] as const);
  const values = [...Object.entries(release?.setValues ?? {}), ...templates].flatMap(([key, value]) => ['--set', `${key}=${String(value)}`]);
  const rendered = await helm(['template', 'holdfast', chartFolder, ...values]);
  expect(rendered).toContain('image: localhost:5000/holdfast:1a2b3c\n');
  expect(rendered).toContain('value: "localhost:5000/holdfast-job:1a2b3c"');
});

/** As skaffold fills a template in, where the image stays on the machine: without a digest. */
function asBuilt(template: string): string {
  return template.replace(/\{\{\.IMAGE_(REPO|TAG|DIGEST)_(\w+)\}\}/g, (_all, field: string, image: string) => ({ REPO: `localhost:5000/${image.replaceAll('_', '-')}`, TAG: '1a2b3c', DIGEST: '' })[field] ?? '');
}
