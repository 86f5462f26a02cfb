import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiServer, startApiServer } from '../support/api-server/start.ts';
import { applyAs, type Rest, restOf } from './rest.ts';
import { widget, widgetDefinition } from './widget.ts';

const widgets = '/apis/example.dev/v1/namespaces/default/widgets';
const cronJobs = '/apis/batch/v1/namespaces/default/cronjobs';
const mergePatch = 'application/merge-patch+json';

let server: ApiServer;
let rest: Rest;
let asController: ReturnType<typeof applyAs>;
let asPerson: ReturnType<typeof applyAs>;

beforeAll(async () => {
  server = await startApiServer({ objects: [widgetDefinition] });
  rest = restOf(server);
  asController = applyAs(rest, 'controller');
  asPerson = applyAs(rest, 'person');
});
afterAll(() => server.stop());

describe('server-side apply', () => {
  it('makes what is not there and says who owns which fields', async () => {
    const made = await asController(`${widgets}/made`, widget('made', { size: 1, parts: [{ name: 'wheel', weight: 2 }] }));
    expect(made.status).toBe(201);
    expect(made.body.metadata.managedFields).toEqual([{
      manager: 'controller', operation: 'Apply', apiVersion: 'example.dev/v1', fieldsType: 'FieldsV1', time: expect.any(String),
      fieldsV1: { 'f:spec': { 'f:size': {}, 'f:parts': { 'k:{"name":"wheel"}': { '.': {}, 'f:name': {}, 'f:weight': {} } } } },
    }]);
  });

  it('writes nothing when the same is applied again', async () => {
    const first = await asController(`${widgets}/again`, widget('again', { size: 1, tags: ['a'] }));
    const second = await asController(`${widgets}/again`, widget('again', { size: 1, tags: ['a'] }));
    expect(second).toMatchObject({ status: 200, body: { metadata: { resourceVersion: first.body.metadata.resourceVersion } } });
  });

  it('removes fields and items that the manager does not apply any more', async () => {
    await asController(`${widgets}/shrinks`, widget('shrinks', { size: 1, label: 'a', parts: [{ name: 'one' }, { name: 'two' }] }));
    const { body } = await asController(`${widgets}/shrinks`, widget('shrinks', { size: 1, parts: [{ name: 'two' }] }));
    expect(body.spec).toEqual({ size: 1, color: 'red', parts: [{ name: 'two', unit: 'kg' }] });
  });

  it('leaves what others own, items of a list by their keys too', async () => {
    await asController(`${widgets}/shared`, widget('shared', { size: 1, parts: [{ name: 'one', weight: 1 }] }));
    await asPerson(`${widgets}/shared`, widget('shared', { label: 'mine', parts: [{ name: 'two', weight: 2 }] }));
    const { body } = await asController(`${widgets}/shared`, widget('shared', { size: 1 }));
    expect(body.spec).toEqual({ size: 1, color: 'red', label: 'mine', parts: [{ name: 'two', weight: 2, unit: 'kg' }] });
  });

  it('fails as the server does, by a 500, of a list that has one key twice', async () => {
    const { status, body } = await asController(`${widgets}/twice`, widget('twice', { parts: [{ name: 'one' }, { name: 'one' }] }));
    expect({ status, message: body.message }).toEqual({ status: 500, message: expect.stringMatching(/^failed to create typed patch object .*parts\[name="one"\]: duplicate entries/) });
  });

  it('keeps a field that two own until both let go', async () => {
    await asController(`${widgets}/both`, widget('both', { size: 1, label: 'same' }));
    await asPerson(`${widgets}/both`, widget('both', { label: 'same' }));
    expect((await asController(`${widgets}/both`, widget('both', { size: 1 }))).body.spec.label).toBe('same');
    expect((await asPerson(`${widgets}/both`, widget('both', {}))).body.spec.label).toBeUndefined();
  });

  it("refuses to change another's field, and takes it over when forced", async () => {
    await asController(`${widgets}/fought`, widget('fought', { size: 1, label: 'a' }));
    await rest('PATCH', `${widgets}/fought?fieldManager=kubectl-edit`, { spec: { label: 'b' } }, mergePatch);
    expect(await asController(`${widgets}/fought`, widget('fought', { size: 1, label: 'a' }))).toMatchObject({
      status: 409,
      body: { reason: 'Conflict', message: 'Apply failed with 1 conflict: conflict with "kubectl-edit" using example.dev/v1: .spec.label', details: { causes: [{ reason: 'FieldManagerConflict', field: '.spec.label' }] } },
    });
    const { body } = await asController(`${widgets}/fought`, widget('fought', { size: 1, label: 'a' }), '&force=true');
    expect(body.spec.label).toBe('a');
    expect(body.metadata.managedFields.map(({ manager }: { manager: string }) => manager)).toEqual(['controller']);
  });

  it('keeps the owners of status apart', async () => {
    await asController(`${widgets}/status`, widget('status', { size: 1 }));
    await asController(`${widgets}/status/status`, condition('Ready'));
    const { body } = await asPerson(`${widgets}/status/status`, condition('Seen'));
    expect(body.status.conditions).toEqual([{ type: 'Ready', status: 'True' }, { type: 'Seen', status: 'True' }]);
    expect(body.metadata.managedFields.map(({ manager, subresource }: { manager: string; subresource?: string }) => [manager, subresource])).toEqual([['controller', undefined], ['controller', 'status'], ['person', 'status']]);
    const afterwards = await asController(`${widgets}/status`, widget('status', { size: 2 }));
    expect(afterwards.body.status.conditions).toHaveLength(2);
  });

  it('lets defaults of built-in kinds be: applying the same CronJob again writes nothing', async () => {
    const cronJob = { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'nightly' }, spec: { schedule: '0 2 * * *', jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'backup', image: 'holdfast-job:1', env: [{ name: 'A', value: '1' }] }] } } } } } };
    const first = await asController(`${cronJobs}/nightly`, cronJob);
    expect(first.body.spec).toMatchObject({ suspend: false, concurrencyPolicy: 'Allow', jobTemplate: { spec: { template: { spec: { dnsPolicy: 'ClusterFirst', containers: [{ terminationMessagePolicy: 'File' }] } } } } });
    expect((await asController(`${cronJobs}/nightly`, cronJob)).body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
    await rest('PATCH', `${cronJobs}/nightly?fieldManager=kubectl-edit`, { spec: { suspend: true } }, mergePatch);
    expect((await asController(`${cronJobs}/nightly`, cronJob)).body.spec.suspend).toBe(true);
  });

  it('asks for a manager, a kind and no owners of its own', async () => {
    expect(await rest('PATCH', `${widgets}/bad`, widget('bad'), 'application/apply-patch+yaml')).toMatchObject({ status: 422 });
    expect(await asController(`${widgets}/bad`, { metadata: { name: 'bad' } })).toMatchObject({ status: 400 });
    expect(await asController(`${widgets}/bad`, { ...widget('bad'), metadata: { name: 'bad', managedFields: [{}] } })).toMatchObject({ status: 400 });
  });
});

function condition(type: string): object {
  return { ...widget('status'), spec: undefined, status: { conditions: [{ type, status: 'True' }] } };
}
