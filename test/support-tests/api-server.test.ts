import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiServer, startApiServer } from '../support/api-server/start.ts';
import { type Rest, restOf } from './rest.ts';
import { widget, widgetDefinition } from './widget.ts';

const widgets = '/apis/example.dev/v1/namespaces/default/widgets';
const configMaps = '/api/v1/namespaces/default/configmaps';

let server: ApiServer;
let rest: Rest;

beforeAll(async () => {
  server = await startApiServer({ objects: [widgetDefinition] });
  rest = restOf(server);
});
afterAll(() => server.stop());

describe('objects', () => {
  it('are created once', async () => {
    const created = await rest('POST', widgets, widget('once'));
    expect(created).toMatchObject({ status: 201, body: { metadata: { name: 'once', generation: 1, uid: expect.any(String), resourceVersion: expect.any(String) } } });
    expect(await rest('POST', widgets, widget('once'))).toMatchObject({ status: 409, body: { reason: 'AlreadyExists', details: { name: 'once', kind: 'widgets' } } });
  });

  it('get a name when only its beginning is given', async () => {
    const { body } = await rest('POST', configMaps, { metadata: { generateName: 'made-' } });
    expect(body.metadata.name).toMatch(/^made-[a-z0-9]{5}$/);
  });

  it('are refused when they change on the basis of an older version', async () => {
    const { body: first } = await rest('POST', widgets, widget('versions'));
    const second = await rest('PUT', `${widgets}/versions`, { ...first, spec: { size: 2 } });
    expect(second.body.metadata.generation).toBe(2);
    expect(await rest('PUT', `${widgets}/versions`, { ...first, spec: { size: 3 } })).toMatchObject({ status: 409, body: { reason: 'Conflict' } });
    expect(await rest('PATCH', `${widgets}/versions`, { metadata: { resourceVersion: first.metadata.resourceVersion }, spec: { size: 3 } }, 'application/merge-patch+json')).toMatchObject({ status: 409 });
  });

  it('keep their version when a write changes nothing', async () => {
    const { body } = await rest('POST', widgets, widget('same'));
    const again = await rest('PUT', `${widgets}/same`, body);
    expect(again.body.metadata.resourceVersion).toBe(body.metadata.resourceVersion);
  });

  it('have a status that only its own address writes, and that does not count the generation up', async () => {
    const { body } = await rest('POST', widgets, { ...widget('reported'), status: { at: '2026-01-01T00:00:00Z' } });
    expect(body.status).toBeUndefined();
    const reported = await rest('PUT', `${widgets}/reported/status`, { ...body, spec: { size: 50 }, status: { at: '2026-01-01T00:00:00Z' } });
    expect(reported.body).toMatchObject({ metadata: { generation: 1 }, spec: { size: 1 }, status: { at: '2026-01-01T00:00:00Z' } });
    const changed = await rest('PUT', `${widgets}/reported`, { ...reported.body, spec: { size: 2 }, status: { at: '2030-01-01T00:00:00Z' } });
    expect(changed.body).toMatchObject({ metadata: { generation: 2 }, status: { at: '2026-01-01T00:00:00Z' } });
  });

  it('are not deleted when they are not the one that was meant', async () => {
    const { body } = await rest('POST', configMaps, { metadata: { name: 'meant' } });
    expect(await rest('DELETE', `${configMaps}/meant`, { preconditions: { uid: 'another' } })).toMatchObject({ status: 409 });
    expect(await rest('DELETE', `${configMaps}/meant`, { preconditions: { uid: body.metadata.uid } })).toMatchObject({ status: 200 });
    expect(await rest('GET', `${configMaps}/meant`)).toMatchObject({ status: 404, body: { reason: 'NotFound', message: 'configmaps "meant" not found' } });
  });

  it('wait for their finalizers', async () => {
    await rest('POST', configMaps, { metadata: { name: 'held', finalizers: ['example.dev/hold'] } });
    expect((await rest('DELETE', `${configMaps}/held`)).body.metadata.deletionTimestamp).toBeDefined();
    expect((await rest('GET', `${configMaps}/held`)).status).toBe(200);
    await rest('PATCH', `${configMaps}/held`, [{ op: 'remove', path: '/metadata/finalizers' }], 'application/json-patch+json');
    expect((await rest('GET', `${configMaps}/held`)).status).toBe(404);
  });

  it('come in pages', async () => {
    for (const name of ['a', 'b', 'c']) await rest('POST', configMaps, { metadata: { name: `page-${name}`, labels: { pages: 'yes' } } });
    const first = await rest('GET', `${configMaps}?labelSelector=pages%3Dyes&limit=2`);
    expect(first.body).toMatchObject({ kind: 'ConfigMapList', items: [{}, {}], metadata: { remainingItemCount: 1 } });
    const second = await rest('GET', `${configMaps}?labelSelector=pages%3Dyes&limit=2&continue=${first.body.metadata.continue}`);
    expect(second.body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(['page-c']);
    expect(second.body.metadata.continue).toBeUndefined();
    server.compact();
    expect(await rest('GET', `${configMaps}?continue=${first.body.metadata.continue}`)).toMatchObject({ status: 410, body: { reason: 'Expired' } });
  });
});

describe('what belongs together', () => {
  it('goes with its owner', async () => {
    const { body: { metadata: { uid } } } = await rest('POST', widgets, widget('owner'));
    const { body: other } = await rest('POST', widgets, widget('other-owner'));
    await rest('POST', configMaps, owned('owned', [uid]));
    await rest('POST', configMaps, owned('shared', [uid, other.metadata.uid]));
    await rest('DELETE', `${widgets}/owner`);
    await gone(`${configMaps}/owned`);
    expect((await rest('GET', `${configMaps}/shared`)).status).toBe(200);
  });

  it('stays when the owner is deleted and leaves orphans', async () => {
    const { body: { metadata: { uid } } } = await rest('POST', widgets, widget('parent'));
    await rest('POST', configMaps, { metadata: { name: 'orphan', ownerReferences: [{ apiVersion: 'example.dev/v1', kind: 'Widget', name: 'parent', uid }] } });
    await rest('DELETE', `${widgets}/parent`, { propagationPolicy: 'Orphan' });
    expect((await rest('GET', `${configMaps}/orphan`)).body.metadata.ownerReferences).toEqual([]);
  });

  it('is emptied with its namespace, which takes nothing new meanwhile', async () => {
    await rest('POST', '/api/v1/namespaces', { metadata: { name: 'ending' } });
    await rest('POST', '/api/v1/namespaces/ending/configmaps', { metadata: { name: 'held', finalizers: ['example.dev/hold'] } });
    await rest('DELETE', '/api/v1/namespaces/ending');
    expect(await rest('POST', '/api/v1/namespaces/ending/configmaps', { metadata: { name: 'late' } })).toMatchObject({ status: 403, body: { message: expect.stringContaining('because it is being terminated') } });
    await rest('PATCH', '/api/v1/namespaces/ending/configmaps/held', { metadata: { finalizers: null } }, 'application/merge-patch+json');
    await gone('/api/v1/namespaces/ending');
  });

  it('is not served any more once its definition is deleted', async () => {
    const path = '/apis/other.dev/v1/namespaces/default/widgets';
    const definition = { ...widgetDefinition, metadata: { name: 'widgets.other.dev' }, spec: { ...widgetDefinition.spec, group: 'other.dev' } };
    await rest('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
    await rest('POST', path, { ...widget('short'), apiVersion: 'other.dev/v1' });
    await rest('DELETE', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.other.dev');
    expect(await rest('GET', path)).toMatchObject({ status: 404, body: { message: 'the server could not find the requested resource' } });
    await rest('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
    expect((await rest('GET', path)).body.items).toEqual([]);
  });
});

describe('a custom resource', () => {
  it('is completed by defaults and loses what its schema does not know', async () => {
    const { body } = await rest('POST', widgets, widget('complete', { size: 3, unknown: true, extra: { any: 1 }, parts: [{ name: 'wheel', weight: 2 }] }));
    expect(body.spec).toEqual({ size: 3, color: 'red', extra: { any: 1 }, parts: [{ name: 'wheel', weight: 2, unit: 'kg' }] });
    expect(await rest('POST', `${widgets}?fieldValidation=Strict`, widget('strict', { size: 3, unknown: true }))).toMatchObject({ status: 400, body: { message: expect.stringContaining('unknown field "spec.unknown"') } });
  });

  it.each([
    [{ }, 'spec.size: Required value'],
    [{ size: 'big' }, 'spec.size in body must be of type integer: "string"'],
    [{ size: 101 }, 'should be less than or equal to 100'],
    [{ size: 1, color: 'green' }, 'Unsupported value: "green": supported values: "red", "blue", "none"'],
    [{ size: 1, label: 'UPPER' }, "should match '^[a-z]+$'"],
    [{ size: 1, label: 'muchtoolong' }, 'may not be more than 8'],
    [{ size: 1, parts: [{ name: 'a' }, { name: 'a' }] }, 'spec.parts[1]: Duplicate value: {"name":"a"}'],
    [{ size: 1, color: 'none' }, 'only what is empty has no colour'],
  ])('is refused as %j', async (spec, why) => {
    expect(await rest('POST', widgets, widget('refused', spec))).toMatchObject({ status: 422, body: { reason: 'Invalid', message: expect.stringContaining(why) } });
  });

  it('is held to rules about what it was before', async () => {
    const { body } = await rest('POST', widgets, widget('grown', { size: 5 }));
    expect(await rest('PUT', `${widgets}/grown`, { ...body, spec: { size: 4 } })).toMatchObject({ status: 422, body: { message: expect.stringContaining('a widget never shrinks') } });
    expect((await rest('PUT', `${widgets}/grown`, { ...body, spec: { size: 6 } })).status).toBe(200);
  });
});

async function gone(path: string): Promise<void> {
  for (let tries = 0; (await rest('GET', path)).status !== 404; tries += 1) {
    if (tries > 200) throw new Error(`${path} is still there.`);
  }
}

function owned(name: string, uids: readonly string[]): object {
  return { metadata: { name, ownerReferences: uids.map((uid) => ({ apiVersion: 'example.dev/v1', kind: 'Widget', name: 'owner', uid })) } };
}
