import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiServer, startApiServer } from '../support/api-server/start.ts';
import { renderChart } from '../charts/chart.ts';
import { removeEverything } from './cleaning.ts';
import { databaseObjects } from './database.ts';
import { keySecrets } from './keys.ts';
import { type Kubectl, useKubectl } from './kubectl.ts';
import { names } from './names.ts';
import { applyRelease, releaseValues } from './release.ts';
import { backup, drill, repository, restore, schedule } from './resources.ts';
import { imageValues, readClusterSettings } from './settings.ts';

const settings = readClusterSettings({ KUBECONFIG: 'any', TEST_CLUSTER_IMAGE: 'registry.example:5000/holdfast:1.2', TEST_CLUSTER_JOB_IMAGE: 'holdfast-job:1.2' });

let server: ApiServer;
let kubectl: Kubectl;

beforeAll(async () => {
  server = await startApiServer();
  process.env['KUBECONFIG'] = await server.kubeConfigFile();
  kubectl = useKubectl(names.namespace);
  await removeEverything(settings.TEST_CLUSTER_JOB_IMAGE);
  await kubectl.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: names.namespace } });
  await applyRelease(settings);
});

afterAll(async () => {
  delete process.env['KUBECONFIG'];
  await server.stop();
});

describe('what the suite for real clusters applies', () => {
  it('gives the chart values that it takes, with the images of the variables', async () => {
    const rendered = await renderChart({ values: releaseValues(settings) });
    const images = rendered.filter(({ kind }) => kind === 'Deployment').map(({ spec }) => (spec as { template: { spec: { containers: { image: string }[] } } }).template.spec.containers[0]?.image);
    expect(images).toEqual(['registry.example:5000/holdfast:1.2', 'registry.example:5000/holdfast:1.2']);
    expect(rendered.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(expect.arrayContaining([
      `Deployment ${names.release}-api`, `Deployment ${names.release}-controller`, `Service ${names.release}-api`, `PersistentVolumeClaim ${names.repositoryClaim}`,
    ]));
  });

  it('is taken by the definitions: what a person would write, and no more', async () => {
    const resources = [repository(), schedule(), backup('one'), drill('one'), restore('one')];
    await kubectl.apply(...resources);
    for (const { kind, metadata, spec } of resources) expect(await kubectl.get(`${kind}.holdfast.dev`, metadata.name)).toMatchObject({ spec });
  });

  it('is taken of the kinds of Kubernetes', async () => {
    await kubectl.apply(...(await keySecrets()), ...databaseObjects(settings.TEST_CLUSTER_JOB_IMAGE));
    expect((await kubectl.get('deployment', names.database)).metadata.name).toBe(names.database);
  });

  it('is removed, whether it is there or not', async () => {
    await kubectl.apply(backup('gone'));
    await kubectl.remove('backups.holdfast.dev', 'gone', 'never-there');
    expect((await kubectl.list('backups.holdfast.dev')).map(({ metadata }) => metadata.name)).not.toContain('gone');
  });
});

describe('what the suite leaves', () => {
  it('is nothing of its own', async () => {
    await removeEverything(settings.TEST_CLUSTER_JOB_IMAGE);
    expect((await kubectl.list('namespaces')).map(({ metadata }) => metadata.name)).not.toContain(names.namespace);
    expect(await kubectl.list('customresourcedefinitions')).toEqual([]);
    expect((await kubectl.list('clusterroles')).filter(({ metadata }) => metadata.name.startsWith(names.namespace))).toEqual([]);
    await removeEverything(settings.TEST_CLUSTER_JOB_IMAGE);
  });

  it('is what somebody else installed', async () => {
    const definitions = (await renderChart({ values: releaseValues(settings) })).filter(({ kind }) => kind === 'CustomResourceDefinition');
    await kubectl.apply(...definitions);
    await expect(removeEverything(settings.TEST_CLUSTER_JOB_IMAGE)).rejects.toThrow('The cluster has Holdfast already');
    expect(await kubectl.list('customresourcedefinitions')).toHaveLength(definitions.length);
  });
});

describe('the images of the variables', () => {
  it.each([
    ['holdfast', { repository: 'holdfast', tag: '', digest: '' }],
    ['localhost:5000/a/holdfast', { repository: 'localhost:5000/a/holdfast', tag: '', digest: '' }],
    ['registry.example/holdfast:1.2', { repository: 'registry.example/holdfast', tag: '1.2', digest: '' }],
    [`holdfast:1@sha256:${'0'.repeat(64)}`, { repository: 'holdfast', tag: '1', digest: `sha256:${'0'.repeat(64)}` }],
  ])('%s', (reference, values) => {
    expect(imageValues(reference)).toEqual(values);
  });

  it('are asked for, all that is missing at once', () => {
    expect(() => readClusterSettings({})).toThrow(/KUBECONFIG[^]*TEST_CLUSTER_IMAGE[^]*TEST_CLUSTER_JOB_IMAGE/);
  });
});
