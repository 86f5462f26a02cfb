import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { annotations, apiVersion, group, labels } from '../../src/kubernetes/resources/names.ts';
import { type ApiServer, startApiServer } from '../support/api-server/start.ts';
import { kubernetesPrograms } from '../support/kubernetes-programs.ts';
import { namespace, renderChart } from './chart.ts';

let server: ApiServer;

beforeAll(async () => {
  server = await startApiServer({ objects: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { 'kubernetes.io/metadata.name': namespace } } }] });
  const manifests = (await renderChart({ values: { api: { bindAccountRoles: true } } })).filter(({ kind }) => kind !== 'Pod');
  await kubectl(['apply', '--server-side', '-f', '-'], manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n'));
});
afterAll(async () => server.stop());

describe('what the chart makes, applied to a cluster,', () => {
  test('runs two of API and controller', async () => {
    const deployments = JSON.parse(await kubectl(['get', 'deployments', '-o', 'json', '-n', namespace])) as { items: { spec: { replicas: number } }[] };
    expect(deployments.items.map(({ spec }) => spec.replicas)).toEqual([2, 2]);
  });

  test.each([
    ['controller', 'create', { group: 'batch', resource: 'jobs' }, true],
    ['controller', 'patch', { group: 'batch', resource: 'cronjobs' }, true],
    ['controller', 'patch', { group, resource: 'backups', subresource: 'status' }, true],
    ['controller', 'create', { group, resource: 'backups' }, true],
    ['controller', 'update', { group: 'coordination.k8s.io', resource: 'leases', name: 'holdfast-controller' }, true],
    ['controller', 'update', { group: 'coordination.k8s.io', resource: 'leases', name: 'other' }, false],
    ['controller', 'create', { group: 'events.k8s.io', resource: 'events' }, true],
    ['controller', 'get', { resource: 'secrets' }, false],
    ['controller', 'create', { resource: 'pods' }, false],
    ['controller', 'delete', { group, resource: 'backupschedules' }, false],
    ['controller', 'create', { group: 'batch', resource: 'jobs', namespace: 'elsewhere' }, false],
    ['api', 'list', { group, resource: 'backups' }, true],
    ['api', 'create', { group, resource: 'restores' }, true],
    ['api', 'delete', { group, resource: 'backups' }, false],
    ['api', 'get', { resource: 'secrets' }, false],
    ['api', 'create', { group: 'batch', resource: 'jobs' }, false],
    ['api', 'list', { group, resource: 'backups', namespace: 'elsewhere' }, false],
  ])('lets the %s %s %j: %s', async (component, verb, attributes, allowed) => {
    const user = `system:serviceaccount:${namespace}:holdfast-${component}`;
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', metadata: {}, spec: { user, resourceAttributes: { namespace, verb, ...attributes } } };
    const { status } = JSON.parse(await kubectl(['create', '-f', '-', '-o', 'json'], JSON.stringify(review))) as { status: { allowed: boolean } };
    expect(status.allowed).toBe(allowed);
  });
});

describe('a run that the API asks for', () => {
  const api = `system:serviceaccount:${namespace}:holdfast-api`;

  test('does not say how its pods are made, which only others may', async () => {
    const jobs = { extraEnv: [{ name: 'NODE_OPTIONS', value: '--inspect' }] };
    await expect(kubectl(['create', '-f', '-'], asked('plain'), api)).resolves.toContain('created');
    await expect(kubectl(['create', '-f', '-'], asked('told', { jobs }), api)).rejects.toThrow('the API does not say how pods are made');
    await expect(kubectl(['create', '-f', '-'], asked('told', { jobs }))).resolves.toContain('created');
  });
});

describe('the last proven backup of a source', () => {
  const lastProven = { labels: { [labels.lastProven]: 'true' } };

  test('is not deleted', async () => {
    server.seed([backup('proven', lastProven)]);
    await expect(kubectl(['delete', 'backup', 'proven', '-n', namespace])).rejects.toThrow(`annotate it with ${annotations.allowDelete}=true`);
  });

  test('is deleted by who says so; others are as they are', async () => {
    server.seed([backup('allowed', { ...lastProven, annotations: { [annotations.allowDelete]: 'true' } }), backup('other', {})]);
    await expect(kubectl(['delete', 'backup', 'allowed', 'other', '-n', namespace])).resolves.toContain('deleted');
  });

  test('does not keep its namespace from ending', async () => {
    server.seed([backup('last', lastProven)]);
    await expect(kubectl(['delete', 'namespace', namespace, '--timeout=20s'])).resolves.toContain('deleted');
  });
});

function backup(name: string, metadata: object, spec: object = {}): object {
  return { apiVersion, kind: 'Backup', metadata: { name, namespace, ...metadata }, spec: { scheduleRef: { name: 'shop' }, ...spec } };
}

function asked(name: string, spec?: object): string {
  return JSON.stringify(backup(name, {}, spec));
}

/** What the real kubectl says. Throws all that it said, where it fails. */
async function kubectl(args: readonly string[], input = '', user?: string): Promise<string> {
  const { kubectl: program } = await kubernetesPrograms();
  const child = spawn(program, args, { env: { PATH: process.env['PATH'], HOME: '/nonexistent', KUBECONFIG: await server.kubeConfigFile(user) }, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(input);
  const [said, complained, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), new Promise<number | null>((resolve) => child.on('close', resolve))]);
  if (exitCode !== 0) throw new Error(`${complained}${said}`);
  return said;
}
