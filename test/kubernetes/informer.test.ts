import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Client } from '../../src/kubernetes/client.ts';
import type { Connection } from '../../src/kubernetes/connect.ts';
import { createInformer, type Informer, type InformerOptions } from '../../src/kubernetes/informer.ts';
import { definitionOf } from '../../src/kubernetes/resources/definitions.ts';
import type { ApiServer } from '../support/api-server/start.ts';
import { captureLog } from '../support/captured-log.ts';
import { until } from '../support/until.ts';
import { backup, clientOf, startCluster, storedBackup } from './client-on-double.ts';

const { signal } = new AbortController();
const quick = { firstDelayMs: 10, maxDelayMs: 50 };

interface Kept {
  readonly uid: string | undefined;
  readonly mark: string | undefined;
}
type Options = Partial<InformerOptions<'Backup', Kept>>;

let server: ApiServer;
let client: Client & { readonly connection: Connection };
let informers: Informer<Kept>[];

beforeEach(async () => {
  server = await startCluster();
  client = await clientOf(server);
  informers = [];
});
afterEach(async () => {
  await Promise.all(informers.map(async (informer) => informer.stop()));
  await client.connection.close();
  await server.stop();
});

const keep: InformerOptions<'Backup', Kept>['select'] = ({ metadata }) => ({ uid: metadata.uid, mark: metadata.labels?.['mark'] });

async function follow(options: Options = {}) {
  const { log, lines } = captureLog();
  let restarts = 0;
  const informer = createInformer<'Backup', Kept>({ client, kind: 'Backup', select: keep, log, onRestart: () => (restarts += 1), ...options, limits: { ...quick, ...options.limits } });
  const changes: string[] = [];
  informer.onChange(({ key, type }) => changes.push(`${type} ${key}`));
  informers.push(informer);
  informer.start();
  await informer.synced(AbortSignal.timeout(10_000));
  const watching = () => until(() => server.openWatches('backups') === (options.namespaces?.length ?? 1));
  return { informer, changes, lines, restarts: () => restarts, watching };
}

const make = async (name: string, namespace = 'shop') => client.create('Backup', backup(name, namespace), { signal });
const mark = async (name: string, value: string) => client.patch('Backup', { namespace: 'shop', name }, { metadata: { labels: { mark: value } } }, { signal });
const remove = async (name: string) => client.delete('Backup', { namespace: 'shop', name }, { signal });

describe('informer', () => {
  test('has what was there when it is in step, and follows what happens then', async () => {
    server.seed([storedBackup('a'), storedBackup('b', 'bank')]);
    const { changes, informer } = await follow();
    expect([...informer.entries()].map(([key]) => key).toSorted()).toEqual(['bank/b', 'shop/a']);
    await make('c');
    await mark('c', '1');
    await remove('a');
    await until(() => informer.get('shop/a') === undefined);
    expect(changes).toEqual(['added bank/b', 'added shop/a', 'added shop/c', 'changed shop/c', 'deleted shop/a']);
    expect(informer.get('shop/c')?.mark).toBe('1');
  });

  test('follows only the namespaces that it is given', async () => {
    server.seed([storedBackup('a'), storedBackup('b', 'bank'), storedBackup('c', 'default')]);
    const { informer } = await follow({ namespaces: ['shop', 'bank'] });
    expect(informer.size).toBe(2);
    await make('d', 'default');
    await make('e', 'bank');
    await until(() => informer.size === 3);
    expect(informer.get('bank/e')).toBeDefined();
  });

  test('keeps the same object of what did not change', async () => {
    server.seed([storedBackup('a')]);
    const { informer } = await follow({ limits: { relistMs: 200, watchSeconds: 1 } });
    const kept = informer.get('shop/a');
    server.forgetRequests();
    await until(() => server.counts({ verb: 'list' })['list backups'] === 1);
    expect(informer.get('shop/a')).toBe(kept);
  });

  test('tells a listener that comes late of what is there', async () => {
    server.seed([storedBackup('a')]);
    const { informer } = await follow();
    const told: string[] = [];
    informer.onChange(({ key, type }) => told.push(`${type} ${key}`))();
    await make('b');
    await until(() => informer.size === 2);
    expect(told).toEqual(['added shop/a']);
  });

  test('tells of an object that was deleted and made again as both, with what it was', async () => {
    server.seed([storedBackup('a')]);
    const { changes, informer, watching } = await follow();
    const uid = informer.get('shop/a')?.uid;
    await watching();
    server.silenceWatches();
    await remove('a');
    await make('a');
    server.dropWatches();
    await until(() => ![undefined, uid].includes(informer.get('shop/a')?.uid));
    expect(changes).toEqual(['added shop/a', 'deleted shop/a', 'added shop/a']);
  });

  test('loses nothing of a storm', async () => {
    const { changes, informer } = await follow();
    server.seed(Array.from({ length: 2_000 }, (_, index) => storedBackup(`b-${index}`)));
    await until(() => informer.size === 2_000);
    expect(new Set(changes).size).toBe(2_000);
  });

  test('neither a listener that throws nor an object that cannot be understood ends it', async () => {
    server.seed([storedBackup('odd')]);
    const { informer, lines } = await follow({
      select: ({ metadata }) => {
        if (metadata.name === 'odd') throw new TypeError('odd');
        return { uid: metadata.uid, mark: undefined };
      },
    });
    informer.onChange(() => {
      throw new Error('listener');
    });
    await make('a');
    await make('b');
    await until(() => informer.size === 2);
    expect(lines().map(({ msg }) => msg)).toEqual(['object is not as its kind should be: it is left out', 'listener failed', 'listener failed']);
  });
});

describe('informer in trouble', () => {
  test('goes on where it was when its watch is cut, without a list', async () => {
    const { informer, restarts, watching } = await follow();
    await watching();
    server.forgetRequests();
    server.dropWatches();
    await make('a');
    await until(() => informer.size === 1);
    expect(server.counts({ verb: 'list' })).toEqual({});
    expect(restarts()).toBeGreaterThan(0);
  });

  test('notices a watch that fell silent, and finds what it missed', async () => {
    const { informer, restarts, watching } = await follow({ limits: { staleAfterMs: 1_000 } });
    await watching();
    server.silenceWatches();
    await make('a');
    await until(() => informer.size === 1);
    expect(restarts()).toBeGreaterThan(0);
  });

  test('lists anew when its revision has expired, and tells of what was deleted meanwhile', async () => {
    server.seed([storedBackup('a'), storedBackup('b')]);
    const { changes, informer, watching } = await follow();
    await watching();
    server.silenceWatches();
    await remove('a');
    server.expireWatches();
    await until(() => informer.size === 1);
    expect(changes.at(-1)).toBe('deleted shop/a');
  });

  test('outlives a restart of the API server', async () => {
    server.seed([storedBackup('a')]);
    const { informer, lines, watching } = await follow();
    await watching();
    await server.restart(200);
    await make('b');
    await until(() => informer.size === 2);
    await watching();
    await make('c');
    await until(() => informer.size === 3);
    expect(lines().map(({ msg }) => msg)).toEqual(['watch failed, and is started over', 'watch recovered']);
  });

  test('waits for a kind that is not installed yet, and follows it then', async () => {
    await client.delete('CustomResourceDefinition', { name: 'backups.holdfast.dev' }, { signal });
    const informer = createInformer<'Backup', string>({ client, kind: 'Backup', select: ({ metadata }) => metadata.name, log: captureLog().log, limits: quick });
    informer.start();
    await expect(informer.synced(AbortSignal.timeout(100))).rejects.toThrow('timeout');
    expect({ synced: informer.hasSynced, heard: informer.lastHeardAt() }).toEqual({ synced: false, heard: undefined });
    server.seed([definitionOf('Backup')]);
    await informer.synced(AbortSignal.timeout(5_000));
    await make('a');
    await until(() => informer.size === 1);
    await informer.stop();
  });

  test('begins its list again when a page of it expired', async () => {
    server.seed(Array.from({ length: 30 }, (_, index) => storedBackup(`b-${index}`)));
    server.fail({ verb: 'list' }, { status: 410 }, { skip: 1 });
    const { informer } = await follow({ limits: { pageSize: 10 } });
    expect(informer.size).toBe(30);
  });

  test('asks a server that refuses every watch less and less often', async () => {
    server.fail({ verb: 'watch' }, { status: 500 }, { times: Number.POSITIVE_INFINITY });
    const { restarts } = await follow({ limits: { firstDelayMs: 50, maxDelayMs: 10_000 } });
    const startedAt = Date.now();
    await until(() => Date.now() - startedAt > 1_000);
    expect(restarts()).toBeLessThanOrEqual(6);
  });

  test('says when the server was last heard of', async () => {
    const { informer, watching } = await follow();
    await watching();
    server.silenceWatches();
    const before = informer.lastHeardAt()!.getTime();
    await make('a');
    expect(informer.lastHeardAt()!.getTime()).toBe(before);
    server.dropWatches();
    await until(() => informer.lastHeardAt()!.getTime() > before);
  });

  test('stops at once while it waits, watches or lists', async () => {
    server.fail({ verb: 'list' }, 'hang');
    const informer = createInformer<'Backup', string>({ client, kind: 'Backup', select: ({ metadata }) => metadata.name, log: captureLog().log });
    informer.start();
    await until(() => server.counts({ verb: 'list' })['list backups'] === 1);
    const startedAt = performance.now();
    await informer.stop();
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});
