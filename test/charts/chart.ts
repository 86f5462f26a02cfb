import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadAll } from 'js-yaml';
import { kubernetesPrograms } from '../support/kubernetes-programs.ts';

/** An object as a manifest writes it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> };
  // oxlint-disable-next-line typescript/no-explicit-any -- of every kind: schemas.ts looks at their shapes
  readonly [field: string]: any;
}

export const chartFolder = join(import.meta.dirname, '../../charts/holdfast');

export interface Rendering {
  /** Paths of files with values. */
  readonly files?: readonly string[];
  /** Over the files'. */
  readonly values?: object;
  /** What a cluster that helm talks to says that it knows, beside client-go's kinds. */
  readonly apiVersions?: readonly string[];
  readonly release?: string;
}

export const namespace = 'backups';

/** What `helm template` makes of the chart. Throws what helm says, where it refuses. */
export async function renderChart({ files = [], values = {}, apiVersions = [], release = 'holdfast' }: Rendering = {}): Promise<Manifest[]> {
  const options = [...files.flatMap((file) => ['--values', file]), ...apiVersions.flatMap((version) => ['--api-versions', version])];
  return parseManifests(await helm(['template', release, chartFolder, '--namespace', namespace, ...options], values));
}

/** Runs the real helm, with values given as a file on its standard input. */
export async function helm(args: readonly string[], values: object = {}): Promise<string> {
  const { helm: program } = await kubernetesPrograms();
  const running = promisify(execFile)(program, [...args, '--values', '-'], { maxBuffer: 64 * 1024 * 1024 });
  running.child.stdin?.end(JSON.stringify(values));
  return (await running).stdout;
}

export function parseManifests(text: string): Manifest[] {
  return loadAll(text).filter((document) => document !== null && document !== undefined) as Manifest[];
}

/** The values files that show what the chart can do, by name; and the values that it comes with. */
export async function valuesFiles(): Promise<readonly (readonly [name: string, files: readonly string[]])[]> {
  const folder = join(chartFolder, 'ci');
  const names = (await readdir(folder)).toSorted();
  return [['values.yaml', []], ...names.map((name) => [name, [join(folder, name)]] as const)];
}

/** `CronJob shop-backup`: what messages call an object. */
export function describeManifest({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.name}`;
}
