import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiServer, startApiServer } from '../support/api-server/start.ts';
import { applyAs, type Rest, restOf } from './rest.ts';
import { widget, widgetDefinition } from './widget.ts';

const rbac = 'rbac.authorization.k8s.io/v1';
const account = 'system:serviceaccount:default:controller';
const jobs = '/apis/batch/v1/namespaces/default/jobs';
const widgets = '/apis/example.dev/v1/namespaces/default/widgets';

let server: ApiServer;
let admin: Rest;
let controller: Rest;

beforeAll(async () => {
  server = await startApiServer({
    objects: [
      widgetDefinition,
      { apiVersion: rbac, kind: 'Role', metadata: { name: 'jobs', namespace: 'default' }, rules: [{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['get', 'list', 'create'] }] },
      { apiVersion: rbac, kind: 'RoleBinding', metadata: { name: 'jobs', namespace: 'default' }, roleRef: { kind: 'Role', name: 'jobs' }, subjects: [{ kind: 'ServiceAccount', name: 'controller', namespace: 'default' }] },
      { apiVersion: rbac, kind: 'ClusterRole', metadata: { name: 'part', labels: { aggregate: 'yes' } }, rules: [{ apiGroups: ['example.dev'], resources: ['widgets/status'], verbs: ['patch'] }] },
      { apiVersion: rbac, kind: 'ClusterRole', metadata: { name: 'whole' }, rules: [], aggregationRule: { clusterRoleSelectors: [{ matchLabels: { aggregate: 'yes' } }] } },
      { apiVersion: rbac, kind: 'ClusterRoleBinding', metadata: { name: 'whole' }, roleRef: { kind: 'ClusterRole', name: 'whole' }, subjects: [{ kind: 'ServiceAccount', name: 'controller', namespace: 'default' }] },
    ],
    access: { reader: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'], namespaces: ['default'], resourceNames: ['one'] }] },
  });
  admin = restOf(server);
  controller = restOf(server, account);
});
afterAll(() => server.stop());

describe('who may do what', () => {
  it('is refused to a token that nobody holds', async () => {
    server.tokenFor('leaver');
    const leaver = restOf(server, 'leaver');
    server.revoke('leaver');
    expect(await leaver('GET', jobs)).toMatchObject({ status: 401, body: { reason: 'Unauthorized' } });
  });

  it('follows the roles bound in the cluster, in their namespaces', async () => {
    expect((await controller('GET', jobs)).status).toBe(200);
    expect(await controller('GET', '/apis/batch/v1/jobs')).toMatchObject({ status: 403, body: { message: `jobs.batch "" is forbidden: User "${account}" cannot list resource "jobs" in API group "batch" at the cluster scope` } });
    expect((await controller('GET', '/api/v1/namespaces/default/secrets')).status).toBe(403);
    expect((await controller('DELETE', `${jobs}/some`)).status).toBe(403);
  });

  it('follows aggregated roles, of a subresource alone', async () => {
    await admin('POST', widgets, widget('aggregated'));
    const status = applyAs(controller, 'controller');
    expect((await status(`${widgets}/aggregated/status`, { ...widget('aggregated'), spec: undefined, status: { at: '2026-01-01T00:00:00Z' } })).status).toBe(200);
    expect((await status(`${widgets}/aggregated`, widget('aggregated'))).status).toBe(403);
  });

  it('follows rules that the test gives, and changes', async () => {
    const reader = restOf(server, 'reader');
    await admin('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'one' } });
    expect((await reader('GET', '/api/v1/namespaces/default/configmaps/one')).status).toBe(200);
    expect((await reader('GET', '/api/v1/namespaces/default/configmaps/two')).status).toBe(403);
    server.grant('reader', []);
    expect((await reader('GET', '/api/v1/namespaces/default/configmaps/one')).status).toBe(403);
  });

  it('is told by reviews', async () => {
    const token = { kind: 'TokenReview', metadata: {}, spec: { token: server.tokenFor(account) } };
    expect((await admin('POST', '/apis/authentication.k8s.io/v1/tokenreviews', token)).body.status).toMatchObject({ authenticated: true, user: { username: account, groups: expect.arrayContaining(['system:serviceaccounts:default']) } });
    expect((await admin('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { ...token, spec: { token: 'none' } })).body.status.authenticated).toBe(false);
    const mayList = async (resource: string): Promise<boolean> => {
      const review = { kind: 'SubjectAccessReview', metadata: {}, spec: { user: account, groups: [], resourceAttributes: { verb: 'list', group: 'batch', resource, namespace: 'default' } } };
      const { body } = await admin('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', review);
      return body.status.allowed as boolean;
    };
    expect([await mayList('jobs'), await mayList('cronjobs')]).toEqual([true, false]);
  });
});

describe('a validating admission policy', () => {
  const policies = '/apis/admissionregistration.k8s.io/v1';

  it('denies what its expressions refuse, once it is bound', async () => {
    await admin('POST', `${policies}/validatingadmissionpolicies`, {
      metadata: { name: 'keep-blue' },
      spec: {
        matchConstraints: { resourceRules: [{ apiGroups: ['example.dev'], apiVersions: ['*'], operations: ['DELETE'], resources: ['widgets'] }] },
        variables: [{ name: 'blue', expression: "has(oldObject.spec.color) && oldObject.spec.color == 'blue'" }],
        validations: [{ expression: "!variables.blue || request.userInfo.username == 'boss'", message: 'blue widgets stay', reason: 'Forbidden' }],
      },
    });
    await admin('POST', widgets, widget('blue', { size: 1, color: 'blue' }));
    await admin('POST', widgets, widget('red', { size: 1, color: 'red' }));
    await admin('POST', `${policies}/validatingadmissionpolicybindings`, { metadata: { name: 'bound' }, spec: { policyName: 'keep-blue', validationActions: ['Deny'] } });
    expect((await admin('DELETE', `${widgets}/red`)).status).toBe(200);
    expect(await admin('DELETE', `${widgets}/blue`)).toMatchObject({ status: 403, body: { message: `widgets.example.dev "blue" is forbidden: ValidatingAdmissionPolicy 'keep-blue' with binding 'bound' denied request: blue widgets stay` } });
    server.grant('boss', [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]);
    expect((await restOf(server, 'boss')('DELETE', `${widgets}/blue`)).status).toBe(200);
  });
});

describe('objects of the built-in kinds', () => {
  const pod = { restartPolicy: 'Never', containers: [{ name: 'job', image: 'holdfast-job:1' }] };

  it.each([
    ['a name too long for its Jobs', '/apis/batch/v1/namespaces/default/cronjobs', { metadata: { name: 'x'.repeat(53) }, spec: { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: pod } } } } }, 'no more than 52 characters'],
    ['a schedule with H', '/apis/batch/v1/namespaces/default/cronjobs', { metadata: { name: 'bad' }, spec: { schedule: 'H * * * *', jobTemplate: { spec: { template: { spec: pod } } } } }, 'exactly 5 fields'],
    ['an unknown time zone', '/apis/batch/v1/namespaces/default/cronjobs', { metadata: { name: 'bad' }, spec: { schedule: '* * * * *', timeZone: 'Mars/Base', jobTemplate: { spec: { template: { spec: pod } } } } }, 'unknown time zone'],
    ['a Job that always restarts', jobs, { metadata: { name: 'bad' }, spec: { template: { spec: { ...pod, restartPolicy: 'Always' } } } }, 'supported values'],
    ['a mount without volume', jobs, { metadata: { name: 'bad' }, spec: { template: { spec: { ...pod, containers: [{ ...pod.containers[0], volumeMounts: [{ name: 'none', mountPath: '/x' }] }] } } } }, 'Not found'],
    ['a failure policy of a container that is not there', jobs, { metadata: { name: 'bad' }, spec: { podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { containerName: 'other', operator: 'In', values: [1] } }] }, template: { spec: pod } } }, 'must be one of the container'],
    ['a failure policy whose exit codes are in no order', jobs, { metadata: { name: 'bad' }, spec: { podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [2, 1] } }] }, template: { spec: pod } } }, 'must be ordered'],
    ["a label value of a Job's pods that is none", jobs, { metadata: { name: 'bad' }, spec: { template: { metadata: { labels: { a: 'no spaces' } }, spec: pod } } }, 'valid label'],
    ['a Lease with milliseconds', '/apis/coordination.k8s.io/v1/namespaces/default/leases', { metadata: { name: 'bad' }, spec: { renewTime: '2026-01-01T00:00:00.000Z' } }, 'microseconds'],
    ['an Event without a reason', '/apis/events.k8s.io/v1/namespaces/default/events', { metadata: { name: 'bad' }, eventTime: '2026-01-01T00:00:00.000000Z', type: 'Normal', reportingController: 'c', reportingInstance: 'i', action: 'a' }, 'reason: Required value'],
    ["an Event of a pod's name that is too long", '/apis/events.k8s.io/v1/namespaces/default/events', { metadata: { name: 'bad' }, eventTime: '2026-01-01T00:00:00.000000Z', type: 'Normal', reason: 'r', note: 'n', reportingController: 'c', reportingInstance: 'i'.repeat(129), action: 'a' }, 'at most 128'],
    ['a label value that is none', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'bad', labels: { a: 'no spaces' } } }, 'valid label'],
  ])('are refused with %s', async (_what, path, object, why) => {
    expect(await admin('POST', path, object)).toMatchObject({ status: 422, body: { message: expect.stringContaining(why) } });
  });

  it('keep the pods of a Job as they are', async () => {
    const { body } = await admin('POST', jobs, { metadata: { name: 'fixed' }, spec: { template: { spec: pod } } });
    expect(body.spec.template.metadata.labels['batch.kubernetes.io/job-name']).toBe('fixed');
    const changed = { spec: { template: { spec: { priorityClassName: 'high' } } } };
    expect(await admin('PATCH', `${jobs}/fixed`, changed, 'application/merge-patch+json')).toMatchObject({ status: 422, body: { message: expect.stringContaining('field is immutable') } });
  });
});

describe('a definition', () => {
  const [version] = widgetDefinition.spec.versions;
  const withSpec = (field: object, rest: object = {}) => ({
    ...widgetDefinition,
    metadata: { name: 'bad.example.dev' },
    spec: { ...widgetDefinition.spec, names: { kind: 'Bad', plural: 'bad' }, versions: [{ ...version, schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { field }, ...rest } } } } }] },
  });

  it.each([
    ['a keyword that is not of the API', withSpec({ type: 'string', const: 'x' }), 'unknown field'],
    ['a field without type', withSpec({}), 'must not be empty'],
    ['bounds as JSON Schema writes them', withSpec({ type: 'integer', exclusiveMinimum: 0 }), 'exclusive bounds are booleans'],
    ['a default that its schema refuses', withSpec({ type: 'integer', minimum: 5, default: 1 }), 'greater than or equal to 5'],
    ['keys that items may lack', withSpec({ type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], items: { type: 'object', properties: { name: { type: 'string' } } } }), 'must have a default or be a required property'],
    ['a rule that is not CEL', withSpec({ type: 'string', 'x-kubernetes-validations': [{ rule: 'self ==' }] }), 'compilation failed'],
    ['a required field that it does not know', withSpec({ type: 'string' }, { required: ['other'] }), 'other is no property'],
  ])('is refused with %s', async (_what, definition, why) => {
    expect(await admin('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition)).toMatchObject({ status: 422, body: { message: expect.stringContaining(why) } });
  });
});
