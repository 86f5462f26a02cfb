import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { kubernetesPrograms } from '../support/kubernetes-programs.ts';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { chartFolder, helm, type Manifest, parseManifests } from './chart.ts';

export const plainFolder = join(import.meta.dirname, '../../k8s');
export const baseFolder = join(plainFolder, 'base');

/** Of the plain manifests: of the release that they stand for, too. */
const name = 'holdfast';

/** Which file a folder of the chart's templates becomes. What is not here has no place without Helm: its tests, and what is off. */
const fileNames: Readonly<Record<string, string>> = { access: 'access.yaml', api: 'api.yaml', controller: 'controller.yaml', crds: 'definitions.yaml' };

/** The plain manifests, as the chart renders them with the values of a folder: by file name. */
export async function plainManifests(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const { template, text } of await renderedTexts(baseFolder)) {
    const file = fileNames[template.split('/')[0] ?? ''];
    if (file !== undefined) files.set(file, `${files.get(file) ?? '# Written by `npm run docs:chart` from charts/holdfast. Do not edit: overlays change it.\n'}---\n${withoutHelm(text)}`);
  }
  return files;
}

/** What the chart makes of the values of a folder, as far as the plain manifests have it. */
export async function renderedFor(folder: string): Promise<Manifest[]> {
  const texts = await renderedTexts(folder);
  return texts.filter(({ template }) => fileNames[template.split('/')[0] ?? ''] !== undefined).flatMap(({ text }) => parseManifests(withoutHelm(text)));
}

/** What kubectl makes of a folder. */
export async function kustomized(folder: string): Promise<Manifest[]> {
  const { kubectl } = await kubernetesPrograms();
  const { stdout } = await promisify(execFile)(kubectl, ['kustomize', folder], { maxBuffer: 64 * 1024 * 1024 });
  return parseManifests(stdout);
}

export async function overlays(): Promise<string[]> {
  return (await readdir(join(plainFolder, 'overlays'))).toSorted();
}

async function renderedTexts(folder: string): Promise<{ readonly template: string; readonly text: string }[]> {
  const files = [...new Set([join(baseFolder, 'chart-values.yaml'), join(folder, 'chart-values.yaml')])];
  const rendered = await helm(['template', name, chartFolder, '--namespace', name, ...files.flatMap((file) => ['--values', file])]);
  return rendered
    .split(/^---\n# Source: holdfast\/templates\//m)
    .slice(1)
    .map((document) => ({ template: document.slice(0, document.indexOf('\n')), text: document.slice(document.indexOf('\n') + 1) }));
}

/** Without the labels that tell of a release. */
function withoutHelm(text: string): string {
  return text.replace(/^ *helm\.sh\/chart: .*\n/gm, '').replace(/(app\.kubernetes\.io\/managed-by: )Helm/g, '$1kustomize');
}
