import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { CoreV1Api, KubeConfig, Watch } from '@kubernetes/client-node';
import { type ApiServer, startApiServer } from '../support/api-server/start.ts';
import { until } from '../support/until.ts';
import { type Rest, restOf } from './rest.ts';

const path = '/api/v1/namespaces/default/configmaps';

interface Seen {
  readonly events: { readonly type: string; readonly name: string; readonly object: { readonly code?: number; readonly metadata: { readonly resourceVersion: string } } }[];
  ended: unknown;
  stop(): void;
}

let server: ApiServer;
let rest: Rest;
let config: KubeConfig;
const open: Seen[] = [];

beforeAll(async () => {
  server = await startApiServer();
  rest = restOf(server);
  config = new KubeConfig();
  config.loadFromString(server.kubeConfig());
});
afterEach(async () => {
  for (const seen of open.splice(0)) seen.stop();
  await until(() => server.openWatches() === 0);
});
afterAll(() => server.stop());

describe('a watch through client-node', () => {
  it('tells what is there, then what changes', async () => {
    await make('before');
    const seen = await watch({});
    await make('after');
    await rest('PATCH', `${path}/after`, { data: { a: '1' } }, 'application/merge-patch+json');
    await rest('DELETE', `${path}/after`);
    await until(() => names(seen).includes('DELETED after'));
    expect(names(seen)).toEqual(['ADDED before', 'ADDED after', 'MODIFIED after', 'DELETED after']);
  });

  it('goes on from a revision without telling what was before', async () => {
    const { body } = await rest('GET', path);
    await make('since');
    const seen = await watch({ resourceVersion: body.metadata.resourceVersion });
    await until(() => seen.events.length > 0);
    expect(names(seen)).toEqual(['ADDED since']);
  });

  it('shows an object that ceases to match a selector as deleted', async () => {
    const seen = await watch({ labelSelector: 'team=blue' });
    await make('coloured', { team: 'blue' });
    await rest('PATCH', `${path}/coloured`, { metadata: { labels: { team: 'red' } } }, 'application/merge-patch+json');
    await until(() => seen.events.length === 2);
    expect(names(seen)).toEqual(['ADDED coloured', 'DELETED coloured']);
  });

  it('is sent bookmarks when it asks', async () => {
    const seen = await watch({ allowWatchBookmarks: true, labelSelector: 'none=such' });
    await make('unseen');
    const { body } = await rest('GET', path);
    await until(() => seen.events.some(({ type, object }) => type === 'BOOKMARK' && object.metadata.resourceVersion === body.metadata.resourceVersion));
    expect(seen.events.every(({ type }) => type === 'BOOKMARK')).toBe(true);
  });

  it('ends when its time is over', async () => {
    const seen = await watch({ timeoutSeconds: 1 });
    await until(() => seen.ended !== undefined);
    expect(seen.ended).toBeNull();
  });
});

describe('what a test can do to watches', () => {
  it('drops them: the client sees an end', async () => {
    const seen = await watch({});
    server.dropWatches('configmaps');
    await until(() => seen.ended !== undefined);
    expect(server.openWatches('configmaps')).toBe(0);
  });

  it('silences them: they stay open and tell nothing, whatever happens', async () => {
    const { body } = await rest('GET', path);
    const silent = await watch({ resourceVersion: body.metadata.resourceVersion });
    server.silenceWatches();
    const other = await watch({ resourceVersion: body.metadata.resourceVersion });
    await make('unheard');
    await until(() => other.events.length > 0);
    expect({ events: silent.events, ended: silent.ended }).toEqual({ events: [], ended: undefined });
    expect(server.openWatches('configmaps')).toBe(2);
  });

  it('expires them: an error event of 410, and old revisions are refused', async () => {
    const { body } = await rest('GET', path);
    const { resourceVersion } = body.metadata;
    const seen = await watch({ resourceVersion });
    server.expireWatches();
    await until(() => seen.events.length > 0);
    expect(seen.events[0]).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
    expect(await rest('GET', `${path}?watch=true&resourceVersion=${resourceVersion}`)).toMatchObject({ status: 410 });
  });

  it('restarts: connections are cut, and all is there again at the same address', async () => {
    await make('kept');
    const seen = await watch({});
    await server.restart(50);
    await until(() => seen.ended !== undefined);
    expect((await rest('GET', `${path}/kept`)).status).toBe(200);
  });
});

describe('requests that are to fail', () => {
  it('answer as asked, on the n-th that fits only', async () => {
    server.fail({ verb: 'get', resource: 'configmaps' }, { status: 429, reason: 'TooManyRequests', retryAfter: 1 }, { skip: 1, times: 1 });
    await make('failing');
    const statuses = [];
    for (let call = 0; call < 3; call += 1) statuses.push((await rest('GET', `${path}/failing`)).status);
    expect(statuses).toEqual([200, 429, 200]);
  });

  it('reach client-node as errors that carry the code', async () => {
    server.fail({ verb: 'list', resource: 'configmaps' }, { status: 500 });
    await expect(config.makeApiClient(CoreV1Api).listNamespacedConfigMap({ namespace: 'default' })).rejects.toMatchObject({ code: 500 });
  });

  it('are done although their answer is lost', async () => {
    server.fail({ verb: 'create', resource: 'configmaps' }, 'cut-after');
    await expect(make('lost')).rejects.toThrow('socket hang up');
    expect((await rest('GET', `${path}/lost`)).status).toBe(200);
  });

  it('are not done when the connection is cut before', async () => {
    server.fail({ verb: 'create', resource: 'configmaps' }, 'cut');
    await expect(make('never')).rejects.toThrow('socket hang up');
    expect((await rest('GET', `${path}/never`)).status).toBe(404);
  });

  it('are counted by verb and resource', async () => {
    server.forgetRequests();
    await make('counted');
    await rest('GET', `${path}/counted`);
    expect(server.counts({ user: 'admin' })).toEqual({ 'create configmaps': 1, 'get configmaps': 1 });
    expect(server.writes()).toBe(1);
  });
});

async function make(name: string, labels: Record<string, string> = {}): Promise<void> {
  expect((await rest('POST', path, { metadata: { name, labels } })).status).toBe(201);
}

/** Watches as client-node does, and waits until the server knows. */
async function watch(query: Record<string, string | number | boolean>): Promise<Seen> {
  const before = server.openWatches();
  const seen: Seen = { events: [], ended: undefined, stop: () => {} };
  const controller = await new Watch(config).watch(path, query, (type: string, object: Seen['events'][number]['object'] & { readonly metadata?: { readonly name?: string } }) => {
    seen.events.push({ type, object, name: object.metadata.name ?? '' });
  }, (error: unknown) => { seen.ended = error; });
  open.push(seen);
  seen.stop = () => { controller.abort(); };
  await until(() => server.openWatches() > before);
  return seen;
}

function names({ events }: Seen): string[] {
  return events.map(({ type, name }) => `${type} ${name}`);
}
