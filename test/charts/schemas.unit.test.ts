import { describe, expect, test } from '@jest/globals';
import { definitions } from '../../src/kubernetes/resources/definitions.ts';
import { chartFolder, describeManifest, helm, type Manifest, renderChart, valuesFiles } from './chart.ts';
import { problemsOf } from './schemas.ts';

describe.each(await valuesFiles())('the chart with %s', (_name, files) => {
  test('passes helm lint --strict', async () => {
    await expect(helm(['lint', '--strict', chartFolder, ...files.flatMap((file) => ['--values', file])])).resolves.toContain('0 chart(s) failed');
  });

  test("renders objects that fit the schemas of the API", async () => {
    const manifests = await renderChart({ files });
    const problems = manifests.flatMap((manifest) => problemsOf(manifest).map((problem) => `${describeManifest(manifest)}: ${problem}`));
    expect(problems).toEqual([]);
  });

  test('renders no object twice', async () => {
    const names = (await renderChart({ files })).map(describeManifest);
    expect(names.toSorted()).toEqual([...new Set(names)].toSorted());
  });
});

test('brings the definitions of all kinds', async () => {
  const rendered = (await renderChart()).filter(({ kind }) => kind === 'CustomResourceDefinition').map(({ metadata }) => metadata.name);
  expect(rendered.toSorted()).toEqual(definitions().map(({ metadata }) => metadata.name).toSorted());
});

describe('the check against the schemas', () => {
  const container = { name: 'a', image: 'b' };

  test.each([
    ['a field that there is not', { containers: [{ ...container, imagePolicy: 'Always' }] }, '.spec.jobTemplate.spec.template.spec.containers[0].imagePolicy: there is no such field'],
    ['a missing field', {}, "data/spec/jobTemplate/spec/template/spec must have required property containers"],
    ['a wrong type', { containers: [{ ...container, args: 'backup' }] }, 'data/spec/jobTemplate/spec/template/spec/containers/0/args must be array'],
  ])('finds %s', (_what, pod, problem) => {
    expect(problemsOf(cronJob(pod)).join()).toContain(problem);
  });

  test('finds an object of no known kind', () => {
    expect(problemsOf({ apiVersion: 'batch/v2', kind: 'CronJob', metadata: { name: 'a' } })).toEqual(['there is no batch/v2 CronJob']);
  });
});

function cronJob(pod: object): Manifest {
  return { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'a' }, spec: { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', ...pod } } } } } };
}
