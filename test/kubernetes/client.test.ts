import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ApiServer } from '../support/api-server/start.ts';
import type { Client } from '../../src/kubernetes/client.ts';
import { connect, type Connection } from '../../src/kubernetes/connect.ts';
import { backup, clientOf, startCluster, storedBackup } from './client-on-double.ts';

const { signal } = new AbortController();
const code = (name: string) => expect.objectContaining({ code: name });

let server: ApiServer;
let client: Client & { readonly connection: Connection };

beforeAll(async () => {
  server = await startCluster({ access: { reader: [{ apiGroups: ['holdfast.dev'], resources: ['backups'], verbs: ['get'] }] } });
  client = await clientOf(server);
});
afterAll(async () => {
  await client.connection.close();
  await server.stop();
});
beforeEach(async () => {
  for await (const { metadata } of client.list('Backup', {}, { signal })) await client.delete('Backup', metadata, { signal });
  server.forgetRequests();
});

describe('connect', () => {
  test("takes the context's server and namespace", () => {
    expect({ server: client.server, namespace: client.namespace }).toEqual({ server: server.url, namespace: 'shop' });
  });

  test('names what is wrong with the configuration', async () => {
    const kubeconfig = await server.kubeConfigFile();
    expect(() => connect({ environment: {}, userAgent: 'test', kubeconfig: '/nowhere/config' })).toThrow(code('CLUSTER_NOT_CONFIGURED'));
    expect(() => connect({ environment: {}, userAgent: 'test', kubeconfig, context: 'other' })).toThrow('there is no context other');
    expect(() => connect({ environment: { HOME: '/nowhere' }, userAgent: 'test' })).toThrow(code('CLUSTER_NOT_CONFIGURED'));
  });

  test('takes the file that KUBECONFIG names', async () => {
    expect(connect({ environment: { KUBECONFIG: await server.kubeConfigFile() }, userAgent: 'test' }).server).toBe(server.url);
  });

  test('takes the one file that is there of those that KUBECONFIG names, as kubectl does', async () => {
    expect(connect({ environment: { KUBECONFIG: `/nowhere/config:${await server.kubeConfigFile()}` }, userAgent: 'test' }).server).toBe(server.url);
    expect(() => connect({ environment: { KUBECONFIG: '/nowhere/config:/nowhere/else' }, userAgent: 'test' })).toThrow(code('CLUSTER_NOT_CONFIGURED'));
  });

  test('says that a server does not answer', async () => {
    const gone = await startCluster();
    const late = await clientOf(gone);
    await gone.stop();
    await expect(late.get('Backup', { namespace: 'shop', name: 'a' }, { signal })).rejects.toEqual(code('CLUSTER_UNREACHABLE'));
    await late.connection.close();
  });
});

describe('client', () => {
  test('creates, reads and finds; what is not there is found to be undefined', async () => {
    const made = await client.create('Backup', backup('a'), { signal });
    expect(made).toMatchObject({ apiVersion: 'holdfast.dev/v1alpha1', kind: 'Backup', metadata: { generation: 1 } });
    expect(await client.get('Backup', { namespace: 'shop', name: 'a' }, { signal })).toEqual(made);
    expect(await client.find('Backup', { namespace: 'shop', name: 'b' }, { signal })).toBeUndefined();
  });

  test('lists all namespaces or one, in pages, each object with its kind', async () => {
    const full = await startCluster({ objects: [...Array.from({ length: 600 }, (_, index) => storedBackup(`b-${index}`)), storedBackup('other', 'bank')] });
    const other = await clientOf(full);
    const names = new Set<string>();
    for await (const { kind, metadata } of other.list('Backup', {}, { signal })) names.add(`${kind} ${metadata.namespace}/${metadata.name}`);
    expect(names.size).toBe(601);
    expect(names).toContain('Backup bank/other');
    expect(full.counts()).toEqual({ 'list backups': 3 });
    const one: string[] = [];
    for await (const { metadata } of other.list('Backup', { namespace: 'bank' }, { signal })) one.push(metadata.name);
    expect(one).toEqual(['other']);
    await other.connection.close();
    await full.stop();
  });

  test('lists by labels', async () => {
    await client.create('Backup', { ...backup('a'), metadata: { ...backup('a').metadata, labels: { 'holdfast.dev/schedule': 'nightly' } } }, { signal });
    await client.create('Backup', backup('b'), { signal });
    const { items } = await client.listPage('Backup', { labelSelector: 'holdfast.dev/schedule=nightly' }, { limit: 10, signal });
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['a']);
  });

  test('applies a status and nothing else of the object', async () => {
    await client.create('Backup', backup('a'), { signal });
    const applied = await client.applyStatus('Backup', { metadata: { namespace: 'shop', name: 'a' }, status: { phase: 'Running' } }, { signal });
    expect(applied).toMatchObject({ spec: backup('a').spec, status: { phase: 'Running' }, metadata: { generation: 1 } });
  });

  test('patches labels, and takes them away by null', async () => {
    await client.create('Backup', backup('a'), { signal });
    const patched = await client.patch('Backup', backup('a').metadata, { metadata: { labels: { x: '1' } } }, { signal });
    expect(patched.metadata.labels).toEqual({ x: '1' });
    const without = await client.patch('Backup', backup('a').metadata, { metadata: { labels: { x: null } } }, { signal });
    expect(without.metadata.labels ?? {}).toEqual({});
  });

  test('deletes what is the one that was meant, and says whether there was anything', async () => {
    const made = await client.create('Backup', backup('a'), { signal });
    await expect(client.delete('Backup', made.metadata, { uid: 'another', signal })).rejects.toEqual(code('OBJECT_CONFLICT'));
    expect(await client.delete('Backup', made.metadata, { uid: made.metadata.uid, signal })).toBe(true);
    expect(await client.delete('Backup', made.metadata, { signal })).toBe(false);
  });

  test('watches changes after a resourceVersion', async () => {
    const { resourceVersion } = await client.listPage('Backup', {}, { limit: 1, signal });
    await client.create('Backup', backup('a'), { signal });
    await client.delete('Backup', backup('a').metadata, { signal });
    const seen: string[] = [];
    for await (const { type, object } of client.watch('Backup', { resourceVersion, timeoutSeconds: 1 }, { signal })) {
      if (type !== 'BOOKMARK') seen.push(`${type} ${object.metadata.name}`);
    }
    expect(seen).toEqual(['ADDED a', 'DELETED a']);
  });
});

describe('logs', () => {
  test('come line by line, and are followed until they end', async () => {
    server.seed([{ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'shop', name: 'talker' }, spec: { containers: [{ name: 'backup', image: 'holdfast-job' }] } }]);
    server.logs.add('shop/talker', 'one\ntw');
    const lines: string[] = [];
    for await (const line of client.logs({ namespace: 'shop', name: 'talker' }, { follow: true, signal })) {
      if (lines.push(line) === 1) server.logs.add('shop/talker', 'o\n');
      if (line === 'two') server.logs.end('shop/talker');
    }
    expect(lines).toEqual(['one', 'two']);
  });

  test('of a pod that is not there are an error', async () => {
    await expect(Array.fromAsync(client.logs({ namespace: 'shop', name: 'nobody' }, { signal }))).rejects.toEqual(code('OBJECT_NOT_FOUND'));
  });
});

describe('errors', () => {
  const name = { namespace: 'shop', name: 'a' };

  test('tell what there is, what is not, and what was changed in between', async () => {
    await expect(client.get('Backup', name, { signal })).rejects.toEqual(code('OBJECT_NOT_FOUND'));
    const made = await client.create('Backup', backup('a'), { signal });
    await expect(client.create('Backup', backup('a'), { signal })).rejects.toEqual(code('OBJECT_EXISTS'));
    await client.patch('Backup', name, { metadata: { labels: { x: '1' } } }, { signal });
    await expect(client.replace('Backup', made, { signal })).rejects.toEqual(code('OBJECT_CONFLICT'));
  });

  test("carry the API server's words about what it refuses", async () => {
    await expect(client.create('Backup', { metadata: name, spec: { deletionPolicy: 'Shred' } }, { signal })).rejects.toThrow(/refuses to create Backup shop\/a: .*deletionPolicy/s);
  });

  test('tell who is not known from who may not', async () => {
    const reader = await clientOf(server, { user: 'reader' });
    await expect(reader.get('Backup', name, { signal })).rejects.toEqual(code('OBJECT_NOT_FOUND'));
    await expect(reader.delete('Backup', name, { signal })).rejects.toEqual(code('CLUSTER_FORBIDDEN'));
    server.revoke('reader');
    await expect(reader.get('Backup', name, { signal })).rejects.toEqual(code('CLUSTER_UNAUTHORIZED'));
    await reader.connection.close();
  });

  test('tell a kind that is not installed from an object that is not there', async () => {
    const bare = await startCluster();
    const other = await clientOf(bare);
    await other.delete('CustomResourceDefinition', { name: 'drills.holdfast.dev' }, { signal });
    await expect(other.get('Drill', name, { signal })).rejects.toEqual(code('KIND_NOT_INSTALLED'));
    await expect(other.listPage('Drill', {}, { limit: 1, signal })).rejects.toEqual(code('KIND_NOT_INSTALLED'));
    await other.connection.close();
    await bare.stop();
  });

  test.each([
    [500, 'CLUSTER_UNAVAILABLE'],
    [503, 'CLUSTER_UNAVAILABLE'],
    [429, 'CLUSTER_UNAVAILABLE'],
    [410, 'WATCH_EXPIRED'],
    [400, 'OBJECT_REFUSED'],
  ])('take %d for %s', async (status, expected) => {
    server.fail({ verb: 'get' }, { status });
    await expect(client.get('Backup', name, { signal })).rejects.toEqual(code(expected));
  });

  test('take a connection that was cut, and one that says nothing, for a server that is away', async () => {
    const hasty = await clientOf(server, { timeoutMs: 200 });
    server.fail({ verb: 'get' }, 'cut');
    await expect(hasty.get('Backup', name, { signal })).rejects.toEqual(code('CLUSTER_UNREACHABLE'));
    server.fail({ verb: 'get' }, 'hang');
    await expect(hasty.get('Backup', name, { signal })).rejects.toEqual(code('CLUSTER_UNREACHABLE'));
    await hasty.connection.close();
  });

  test('leave the reason to who aborted', async () => {
    server.fail({ verb: 'get' }, 'hang');
    await expect(client.get('Backup', name, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    const aborting = new AbortController();
    setTimeout(() => aborting.abort(new Error('enough')), 20);
    await expect(client.get('Backup', name, { signal: aborting.signal })).rejects.toThrow('enough');
  });
});
