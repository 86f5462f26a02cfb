import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { annotations, labels } from '../../src/kubernetes/resources/names.ts';
import { controllerRules } from '../controller/controller-under-test.ts';
import { chartFolder, describeManifest, type Manifest, namespace, renderChart } from './chart.ts';

const byDefault = await renderChart();
const everything = await renderChart({ files: [join(chartFolder, 'ci/s3-with-controller-values.yaml')] });
const clusterWide = await renderChart({ values: { scope: 'cluster' } });

function named(manifests: readonly Manifest[], object: string): Manifest {
  const found = manifests.find((manifest) => describeManifest(manifest) === object);
  if (!found) throw new Error(`there is no ${object} among ${manifests.map(describeManifest).join(', ')}`);
  return found;
}

/** The value of a variable of a Deployment's container. */
function variable(deployment: Manifest, name: string): string | undefined {
  return (deployment['spec'].template.spec.containers[0].env as { name: string; value?: string }[]).find((each) => each.name === name)?.value;
}

function portsReached({ spec }: Manifest): number[] {
  const { egress } = spec as { egress: { ports: { port: number }[] }[] };
  return [...new Set(egress.flatMap(({ ports }) => ports.map(({ port }) => port)))].toSorted((a, b) => a - b);
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** `get batch jobs`, each once, in order. */
function rightsOf(rules: readonly Rule[]): string[] {
  const rights = rules.flatMap(({ apiGroups, resources, verbs }) => apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group} ${resource}`))));
  return [...new Set(rights)].toSorted();
}

describe('scope', () => {
  test('namespace: the controller gets rights and looks for resources in its own namespace only', () => {
    const manifests = byDefault;
    expect(variable(named(manifests, 'Deployment holdfast-controller'), 'HOLDFAST_WATCH_NAMESPACES')).toBe(namespace);
    expect(named(manifests, 'Role holdfast-controller').metadata.namespace).toBe(namespace);
    expect(manifests.filter(({ kind }) => kind === 'ClusterRoleBinding').map(({ roleRef }) => roleRef.name)).toEqual(['system:auth-delegator']);
    expect(named(manifests, 'ValidatingAdmissionPolicyBinding backups-holdfast-last-proven')['spec'].matchResources.namespaceSelector.matchLabels).toEqual({ 'kubernetes.io/metadata.name': namespace });
  });

  test('cluster: in all namespaces; the Lease stays in its own', () => {
    const manifests = clusterWide;
    expect(variable(named(manifests, 'Deployment holdfast-controller'), 'HOLDFAST_WATCH_NAMESPACES')).toBe('');
    expect(named(manifests, 'ClusterRoleBinding backups-holdfast-controller')['subjects']).toEqual([{ kind: 'ServiceAccount', name: 'holdfast-controller', namespace }]);
    expect(named(manifests, 'Role holdfast-controller-lease').metadata.namespace).toBe(namespace);
    expect(named(manifests, 'ValidatingAdmissionPolicyBinding backups-holdfast-last-proven')['spec'].matchResources).toBeUndefined();
  });
});

describe('secrets', () => {
  test.each([
    { values: 'that it comes with', manifests: byDefault },
    { values: 'that switch everything on', manifests: everything },
  ])('no role can read any, with the values $values', ({ manifests }) => {
    const rules = manifests.filter(({ kind }) => kind.endsWith('Role')).flatMap((role) => role['rules'] as Rule[]);
    expect(rules.filter(({ resources }) => resources.includes('secrets'))).toEqual([]);
  });

  test('none is made where one is named', () => {
    const manifests = everything;
    expect(manifests.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    const { volumes } = named(manifests, 'Deployment holdfast-api')['spec'].template.spec as { volumes: { name: string; secret?: object }[] };
    expect(volumes.find(({ name }) => name === 'secret-key')?.secret).toEqual({ secretName: 'holdfast-service', items: [{ key: 'secret-key', path: 'secret-key' }], defaultMode: 0o440 });
  });
});

describe('what stays when the release is uninstalled', () => {
  test.each([
    ['claims', { claims: { backups: { size: '10Gi' } } }, 'PersistentVolumeClaim backups', 'keep'],
    ['definitions', {}, 'CustomResourceDefinition backups.holdfast.dev', 'keep'],
    ['not definitions that nobody keeps', { crds: { keep: false } }, 'CustomResourceDefinition backups.holdfast.dev', undefined],
  ])('%s', async (_what, values, object, policy) => {
    expect(named(await renderChart({ values }), object).metadata.annotations?.['helm.sh/resource-policy']).toBe(policy);
  });
});

describe('the API', () => {
  test('answers to the names that it is published under, behind as many proxies', async () => {
    const api = named(everything, 'Deployment holdfast-api');
    expect(variable(api, 'HOLDFAST_ALLOWED_HOSTS')).toBe('localhost,holdfast-api,holdfast-api.backups,holdfast-api.backups.svc,holdfast-api.backups.svc.cluster.local,backups.example.com');
    expect(variable(api, 'HOLDFAST_PROXY_HOPS')).toBe('1');
    expect(variable(named(byDefault, 'Deployment holdfast-api'), 'HOLDFAST_PROXY_HOPS')).toBe('0');
    expect(variable(named(await renderChart({ values: { api: { proxyHops: 2 } } }), 'Deployment holdfast-api'), 'HOLDFAST_PROXY_HOPS')).toBe('2');
  });

  test('has its management port in no published Service', () => {
    const services = everything.filter(({ kind }) => kind === 'Service').map(({ metadata, spec }) => [metadata.name, spec.ports.map(({ name }: { name: string }) => name)]);
    expect(Object.fromEntries(services)).toEqual({ 'holdfast-api': ['http'], 'holdfast-api-management': ['management'] });
  });

  test('reaches the ports of its catalogue and Redis, and no others beside names, the cluster and Sentry', () => {
    expect(portsReached(named(everything, 'NetworkPolicy holdfast-api'))).toEqual([53, 443, 6380, 6432, 6443]);
  });
});

test("runs reach the ports of the repositories' servers", () => {
  expect(portsReached(named(everything, 'NetworkPolicy holdfast-jobs'))).toEqual([53, 443, 5432, 9000]);
});

test('everything that looks names up reaches the name servers where they listen', async () => {
  const policies = (await renderChart({ files: [join(chartFolder, 'ci/openshift-values.yaml')] })).filter(({ kind, metadata }) => kind === 'NetworkPolicy' && !metadata.name.endsWith('self-test'));
  expect(policies.map(portsReached)).toEqual([expect.arrayContaining([53, 5353]), expect.arrayContaining([53, 5353]), expect.arrayContaining([53, 5353])]);
});

test('series keep the namespace of their schedule', () => {
  expect(named(everything, 'ServiceMonitor holdfast-api')['spec'].endpoints[0].honorLabels).toBe(true);
});

test('the admission policy looks at the label and annotation that the controller writes', () => {
  const [validation] = named(byDefault, 'ValidatingAdmissionPolicy backups-holdfast-last-proven')['spec'].validations as { expression: string }[];
  expect(validation?.expression).toContain(`'${labels.lastProven}' in oldObject.metadata.labels`);
  expect(validation?.expression).toContain(`oldObject.metadata.annotations['${annotations.allowDelete}'] == 'true'`);
});

test('roles of people are aggregated into those that every namespace has', () => {
  const roles = byDefault.filter(({ kind }) => kind === 'ClusterRole');
  const may = (role: string) => (named(roles, `ClusterRole backups-holdfast-${role}`)['rules'] as Rule[]).flatMap(({ resources, verbs }) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)));
  expect(roles.flatMap(({ metadata }) => Object.keys(metadata.labels ?? {}).filter((label) => label.startsWith('rbac.'))).toSorted()).toEqual(['admin', 'edit', 'view'].map((role) => `rbac.authorization.k8s.io/aggregate-to-${role}`));
  expect(may('view')).not.toContain('create backups');
  expect(may('edit')).toEqual(expect.arrayContaining(['get backups', 'create restores', 'patch backupschedules']));
  expect(may('edit')).not.toEqual(expect.arrayContaining(['delete backups']));
  expect(may('admin')).toEqual(expect.arrayContaining(['delete backups', 'create backuprepositories']));
});

test("the controller's roles are those that its own tests run with", () => {
  const manifests = byDefault;
  const granted = ['Role holdfast-controller', 'Role holdfast-controller-lease'].flatMap((role) => named(manifests, role)['rules'] as Rule[]);
  expect(rightsOf(granted)).toEqual(rightsOf(controllerRules));
});

test('service accounts for jobs are made as named, and give no token to who does not ask for it', () => {
  const account = named(everything, 'ServiceAccount holdfast-s3');
  expect(account).toMatchObject({ metadata: { annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/backups' } }, automountServiceAccountToken: false });
});

test('two releases in two namespaces share nothing that has no namespace, but the definitions', () => {
  const shared = clusterWide.filter(({ kind, metadata }) => metadata.namespace === undefined && kind !== 'CustomResourceDefinition');
  expect(shared.filter(({ metadata }) => !metadata.name.startsWith(`${namespace}-`)).map(describeManifest)).toEqual([]);
});

test('objects of your own are rendered as templates', () => {
  expect(named(everything, 'ConfigMap holdfast-assertions')['data']).toEqual({ 'assertions.sql': 'select 1;' });
});
