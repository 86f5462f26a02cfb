import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { definitions } from '../../src/kubernetes/resources/definitions.ts';
import { type ApiServer, startApiServer } from '../support/api-server/start.ts';
import { type KubernetesPrograms, kubernetesPrograms } from '../support/kubernetes-programs.ts';
import { widget, widgetDefinition } from './widget.ts';

let server: ApiServer;
let programs: KubernetesPrograms;
let folder: string;
let environment: Record<string, string>;

beforeAll(async () => {
  server = await startApiServer({ objects: [widgetDefinition] });
  programs = await kubernetesPrograms();
  folder = await mkdtemp(join(tmpdir(), 'holdfast-programs-'));
  environment = { PATH: process.env['PATH'] ?? '', HOME: folder, KUBECONFIG: await server.kubeConfigFile() };
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

describe('the real kubectl', () => {
  it('applies a definition and its resources, from the client and from the server', async () => {
    const object = widget('by-kubectl');
    expect(await kubectl(['apply', '-f', '-'], object)).toBe('widget.example.dev/by-kubectl created\n');
    expect(await kubectl(['apply', '-f', '-'], object)).toBe('widget.example.dev/by-kubectl unchanged\n');
    expect(await kubectl(['apply', '--server-side', '-f', '-'], widget('by-server'))).toBe('widget.example.dev/by-server serverside-applied\n');
    expect(await kubectl(['get', 'wdg', 'by-kubectl', '-o', 'jsonpath={.spec.color}'])).toBe('red');
  });

  it('prints the columns of a definition', async () => {
    await kubectl(['apply', '-f', '-'], widget('shown', { size: 42 }));
    const [heading, row] = (await kubectl(['get', 'widgets', 'shown'])).split('\n');
    expect(heading?.split(/\s+/)).toEqual(['NAME', 'SIZE', 'READY', 'AGE']);
    expect(row).toMatch(/^shown +42 +\d+s$/);
  });

  it('is told of fields that nobody knows', async () => {
    await expect(kubectl(['apply', '-f', '-'], widget('unknown', { size: 1, colour: 'red' }))).rejects.toThrow('unknown field "spec.colour"');
  });

  it('merges lists of built-in kinds by their keys', async () => {
    await kubectl(['apply', '-f', '-'], cronJob([{ name: 'one', image: 'one:1' }, { name: 'two', image: 'two:1' }]));
    await kubectl(['apply', '-f', '-'], cronJob([{ name: 'one', image: 'one:2' }]));
    expect(await kubectl(['get', 'cronjob', 'merged', '-o', 'jsonpath={.spec.jobTemplate.spec.template.spec.containers[*].image}'])).toBe('one:2');
  });

  it('waits, deletes, and sees what is gone', async () => {
    expect(await kubectl(['wait', '--for=condition=Established', 'crd/widgets.example.dev', '--timeout=10s'])).toContain('condition met');
    await kubectl(['apply', '-f', '-'], widget('leaving'));
    await kubectl(['delete', 'widget', 'leaving', '--wait=true']);
    await expect(kubectl(['get', 'widget', 'leaving'])).rejects.toThrow('not found');
  });

  it('applies the definitions of Holdfast', async () => {
    for (const definition of definitions()) await kubectl(['apply', '--server-side', '-f', '-'], definition);
    expect(await kubectl([`--cache-dir=${join(folder, 'asked-again')}`, 'get', 'holdfast', '-A'])).toBe('');
    expect(await kubectl(['explain', 'backupschedule.spec.catchUp'])).toContain('made up for');
  });
});

describe('the real helm', () => {
  it('installs, upgrades and removes a chart', async () => {
    const chart = join(folder, 'chart');
    await mkdir(join(chart, 'templates'), { recursive: true });
    await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: small\nversion: 0.1.0\n');
    await writeFile(join(chart, 'values.yaml'), 'color: red\n');
    await writeFile(join(chart, 'templates', 'map.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  color: {{ .Values.color }}\n');
    await helm(['install', 'small', chart]);
    expect(await kubectl(['get', 'configmap', 'small', '-o', 'jsonpath={.data.color}'])).toBe('red');
    await helm(['upgrade', 'small', chart, '--set', 'color=blue']);
    expect(await kubectl(['get', 'configmap', 'small', '-o', 'jsonpath={.data.color}'])).toBe('blue');
    await helm(['uninstall', 'small', '--wait']);
    await expect(kubectl(['get', 'configmap', 'small'])).rejects.toThrow('not found');
  });
});

function cronJob(containers: readonly object[]): object {
  return { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'merged' }, spec: { schedule: '0 0 * * *', jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers } } } } } };
}

function kubectl(words: readonly string[], input?: object): Promise<string> {
  return run(programs.kubectl, words, input === undefined ? '' : JSON.stringify(input));
}

function helm(words: readonly string[]): Promise<string> {
  return run(programs.helm, words, '');
}

async function run(program: string, words: readonly string[], input: string): Promise<string> {
  const child = spawn(program, words, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  if (code !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
  return stdout;
}
