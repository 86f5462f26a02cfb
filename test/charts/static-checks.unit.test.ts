import { describe, expect, test } from '@jest/globals';
import { describeManifest, type Manifest, renderChart, valuesFiles } from './chart.ts';
import { staticChecks } from './static-checks/all.ts';
import type { Check } from './static-checks/check.ts';
import { isWaived, waivers, waives } from './static-checks/waivers.ts';

const renders = await Promise.all((await valuesFiles()).map(async ([name, files]) => ({ name, manifests: await renderChart({ files }) })));

describe.each(renders)('the chart with $name', ({ manifests }) => {
  test.each(staticChecks.map((check) => ({ title: check.names.join(', '), check })))('passes $title', ({ check }) => {
    const findings = findingsOf(check, manifests).filter(({ object }) => !isWaived(check.names, object));
    expect(findings).toEqual([]);
  });
});

test('every waiver is needed', () => {
  const findings = renders.flatMap(({ manifests }) => staticChecks.flatMap((check) => findingsOf(check, manifests).map(({ object }) => ({ names: check.names, object }))));
  expect(waivers.filter((waiver) => !findings.some(({ names, object }) => waives(waiver, names, object)))).toEqual([]);
});

describe('the checks find', () => {
  test.each([
    ['a pod that says nothing of security', pod({}), ['Trivy KSV-0001', 'Trivy KSV-0003', 'Trivy KSV-0012', 'Trivy KSV-0014', 'Trivy KSV-0020', 'Trivy KSV-0030', 'Trivy KSV-0036', 'Trivy KSV-0038']],
    ['a pod without resources', pod({}), ['Trivy KSV-0011', 'Trivy KSV-0015', 'Trivy KSV-0016', 'Trivy KSV-0018', 'kube-score container-ephemeral-storage-request-and-limit']],
    ['an image without tag', pod({ image: 'registry:5000/a' }), ['kube-score container-image-tag', 'image digest']],
    ['a password as a value', pod({ env: [{ name: 'PGPASSWORD', value: 'a' }] }), ['Polaris sensitiveContainerEnvVar']],
    ['a password in an address', pod({ env: [{ name: 'HOLDFAST_CATALOG', value: 'postgres://a:b@c/d' }] }), ['no password in an address']],
    ["the node's file system", pod({}, { volumes: [{ name: 'a', hostPath: { path: '/' } }] }), ['Polaris hostPathSet']],
    ["the node's network", pod({}, { hostNetwork: true }), ['Polaris hostNetworkSet']],
    ['a role for everything', role({ resources: ['*'] }), ['Trivy KSV-0046']],
    ['a role that reads Secrets', role({ resources: ['secrets'] }), ['Trivy KSV-0041']],
    ['a role that opens shells', role({ resources: ['pods/exec'], verbs: ['create'] }), ['Trivy KSV-0053']],
    ['a role that gives itself more', role({ verbs: ['escalate'] }), ['Trivy KSV-0051']],
  ])('%s', (_what, manifest, names) => {
    const found = staticChecks.filter(({ find }) => find(manifest, [manifest]).length > 0).flatMap((check) => check.names);
    expect(found).toEqual(expect.arrayContaining(names));
  });
});

function findingsOf({ find }: Check, manifests: readonly Manifest[]): { readonly object: string; readonly finding: string }[] {
  return manifests.flatMap((manifest) => find(manifest, manifests).map((finding) => ({ object: describeManifest(manifest), finding })));
}

function pod(container: object, spec: object = {}): Manifest {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [{ name: 'a', image: 'a', ...container }], ...spec } };
}

function role(rule: object): Manifest {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'a' }, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'], ...rule }] };
}
