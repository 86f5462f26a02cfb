import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { annotations } from '../../../src/kubernetes/resources/names.ts';
import { startService } from '../service-under-test.ts';
import { type ClusterService, mayRequest, mayView, resource, scheduleSpec, serviceUser, startInCluster, twoTeams } from './cluster-service.ts';

const everything = { boss: [mayView(), mayRequest()] };
const waiting = { signal: new AbortController().signal };

/** Backups as the controller records them, the fourth of which failed. */
const numbers = Array.from({ length: 12 }, (_, index) => index + 1);
const history = numbers.map((number) => resource('Backup', 'shop', `shop-${number}`, { scheduleRef: { name: 'shop' } }));

async function recordHistory({ administrator }: ClusterService): Promise<void> {
  for (const number of numbers) {
    const day = `2026-01-${String(number).padStart(2, '0')}`;
    const common = { source: 'shop', startedAt: `${day}T02:00:00Z`, finishedAt: `${day}T02:01:00Z` };
    const failed = { phase: 'Failed', failure: { code: 'SOURCE_UNREACHABLE', message: 'no route', exitCode: 3 } };
    const succeeded = { phase: 'Succeeded', backupId: `${day.replaceAll('-', '')}T020000Z-abcdef`, rawBytes: 1000 + number, storedBytes: 100, newBytes: 10, suspicious: false };
    await administrator.applyStatus('Backup', { metadata: { namespace: 'shop', name: `shop-${number}` }, status: { ...common, ...(number === 4 ? failed : succeeded) } }, waiting);
  }
}

interface Listed {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly next?: string;
}

describe('the cluster’s backups over REST', () => {
  let cluster: ClusterService;
  beforeAll(async () => {
    cluster = await startInCluster({ objects: [...twoTeams, ...history, resource('Backup', 'stock', 'other', { scheduleRef: { name: 'stock' } })], access: everything });
    await recordHistory(cluster);
  });
  afterAll(async () => {
    await cluster.close();
  });

  const list = async (path: string): Promise<Listed> => (await cluster.as('boss', 'GET', `/api/v1/${path}`)).json as unknown as Listed;
  const request = async (path: string, json: unknown) => cluster.as('boss', 'POST', `/api/v1/${path}`, json);

  it('are listed page by page, none twice and none left out', async () => {
    const names: string[] = [];
    let next: string | undefined;
    do {
      const page = await list(`backups?namespace=shop&limit=5${next === undefined ? '' : `&after=${next}`}`);
      names.push(...page.items.map(({ name }) => String(name)));
      next = page.next;
    } while (next !== undefined);
    expect(names.toSorted()).toEqual(numbers.map((number) => `shop-${number}`).toSorted());
  });

  it('are chosen by namespace, schedule, source and phase', async () => {
    expect((await list('backups?limit=200')).items).toHaveLength(13);
    expect((await list('backups?schedule=stock')).items.map(({ name }) => name)).toEqual(['other']);
    expect((await list('backups?source=shop&phase=Failed')).items).toMatchObject([{ name: 'shop-4', failure: { code: 'SOURCE_UNREACHABLE' } }]);
    const misspelt = await cluster.as('boss', 'GET', '/api/v1/backups?shedule=shop');
    expect([misspelt.status, misspelt.json?.['error_code']]).toEqual([422, 'REQUEST_INVALID']);
  });

  it('show a schedule and a repository with what their status says', async () => {
    expect((await cluster.as('boss', 'GET', '/api/v1/schedules/shop/shop')).json).toMatchObject({
      namespace: 'shop', name: 'shop', repository: 'main', source: 'shop', engine: 'postgres', cron: 'H 2 * * *', timeZone: 'Etc/UTC', suspended: false, concerns: ['never-succeeded'],
    });
    expect((await list('repositories?namespace=stock')).items).toMatchObject([{ name: 'main', store: { bucket: 'backups' }, encryption: 'age' }]);
  });

  it('make a run whose answer and whose address show it at once', async () => {
    const made = await request('backups', { namespace: 'shop', spec: { scheduleRef: { name: 'shop' } } });
    const location = made.headers.get('location') ?? '';
    expect([made.status, made.json]).toMatchObject([201, { namespace: 'shop', name: expect.stringMatching(/^shop-\d{14}-[a-z\d]{4}$/), schedule: 'shop', phase: 'Pending' }]);
    expect((await cluster.as('boss', 'GET', location)).json).toEqual(made.json);
    const restore = await request('restores', { namespace: 'shop', name: 'by-hand', spec: { repositoryRef: { name: 'main' }, sourceName: 'shop', target: { postgres: { addressSecret: { name: 'copy' } } } } });
    expect([restore.status, restore.json]).toMatchObject([201, { name: 'by-hand', source: 'shop', backup: 'latest', mode: 'New' }]);
  });

  it('tell on the resource who asked for it', async () => {
    const { name } = (await request('drills', { namespace: 'shop', spec: { scheduleRef: { name: 'shop' } } })).json ?? {};
    const [seen] = cluster.apiServer.requests({ verb: 'create', resource: 'drills' });
    expect(seen).toMatchObject({ namespace: 'shop', user: serviceUser });
    const { metadata } = await cluster.administrator.get('Drill', { namespace: 'shop', name: String(name) }, waiting);
    expect(metadata.annotations).toEqual({ [annotations.requestedBy]: 'boss' });
  });

  it('refuse what does not fit: by field, by the rules of the kind, by a name that is taken', async () => {
    const unknownField = await request('backups', { namespace: 'shop', spec: { scheduleRef: { name: 'shop' }, shedule: 1 } });
    expect([unknownField.status, unknownField.json?.['data']]).toMatchObject([422, { fields: [{ field: 'spec', rule: 'unrecognized_keys' }] }]);
    const both = await request('backups', { namespace: 'shop', spec: { scheduleRef: { name: 'shop' }, repositoryRef: { name: 'main' }, source: scheduleSpec.source } });
    expect([both.status, both.json?.['error_code'], both.json?.['message']]).toEqual([422, 'OBJECT_REFUSED', expect.stringContaining('give scheduleRef, or repositoryRef and source')]);
    const taken = await request('backups', { namespace: 'shop', name: 'shop-1', spec: { scheduleRef: { name: 'shop' } } });
    expect([taken.status, taken.json?.['error_code']]).toEqual([409, 'OBJECT_EXISTS']);
    const nowhere = await request('backups', { namespace: 'nowhere', spec: { scheduleRef: { name: 'shop' } } });
    expect([nowhere.status, nowhere.json?.['error_code']]).toEqual([404, 'OBJECT_NOT_FOUND']);
  });

  it('are asked for without saying how their pods are made, which would be a way to the namespace’s Secrets', async () => {
    const jobs = { extraEnv: [{ name: 'NODE_OPTIONS', valueFrom: { secretKeyRef: { name: 'shop-db', key: 'address' } } }] };
    const refusals = await Promise.all([
      request('backups', { namespace: 'shop', spec: { scheduleRef: { name: 'shop' }, jobs } }),
      request('drills', { namespace: 'shop', spec: { scheduleRef: { name: 'shop' }, jobs } }),
      request('restores', { namespace: 'shop', spec: { repositoryRef: { name: 'main' }, sourceName: 'shop', target: scheduleSpec.source, jobs } }),
    ]);
    for (const { status, json } of refusals) expect([status, json?.['data']]).toMatchObject([422, { fields: [{ field: 'spec', rule: 'unrecognized_keys' }] }]);
  });

  it('take no request for schedules and repositories: those are applied, not asked for', async () => {
    const answer = await request('schedules', { namespace: 'shop', spec: scheduleSpec });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });
});

describe('the metrics of a service in a cluster', () => {
  const suspended = 'holdfast_schedule_suspended{namespace="stock",schedule="stock"} 0';

  it('follow the resources: series come with them and vanish with them, whatever befalls the watches', async () => {
    const cluster = await startInCluster({ objects: [...twoTeams, ...history], access: everything });
    try {
      await recordHistory(cluster);
      expect(await cluster.metrics()).toContain('holdfast_backup_last_raw_bytes{namespace="shop",schedule="shop"} 1012\n');
      expect(await cluster.metrics()).toContain(suspended);
      cluster.apiServer.dropWatches();
      await cluster.administrator.delete('BackupSchedule', { namespace: 'stock', name: 'stock' }, waiting);
      let scraped = await cluster.metrics();
      for (const deadline = Date.now() + 10_000; scraped.includes('schedule="stock"') && Date.now() < deadline; await sleep(100)) scraped = await cluster.metrics();
      expect(scraped).not.toContain('schedule="stock"');
      expect(scraped).toContain('holdfast_schedule_suspended{namespace="shop",schedule="shop"} 0');
    } finally {
      await cluster.close();
    }
  });

  it('are of the watched namespaces alone, and so are lists without a namespace', async () => {
    const cluster = await startInCluster({ access: { reader: [mayView(['stock'])] }, environment: { HOLDFAST_WATCH_NAMESPACES: 'stock' } });
    try {
      const scraped = await cluster.metrics();
      expect([scraped.includes('schedule="stock"'), scraped.includes('schedule="shop"')]).toEqual([true, false]);
      const { status, json } = await cluster.as('reader', 'GET', '/api/v1/schedules');
      expect([status, (json as unknown as Listed).items.map(({ name }) => name)]).toEqual([200, ['stock']]);
    } finally {
      await cluster.close();
    }
  });

  it('and the service’s start do not wait for an API server that is away; its absence degrades the health', async () => {
    const cluster = await startInCluster();
    try {
      cluster.apiServer.fail({ verb: 'list' }, { status: 500 }, { times: 1_000_000 });
      const under = await startService({ catalog: 'sqlite', redis: false }, { HOLDFAST_KUBERNETES: 'true', KUBECONFIG: await cluster.apiServer.kubeConfigFile(serviceUser) });
      const health = (await (await fetch(`${under.url}/core/health/?verbose`)).json()) as { status: string; checks: { cluster: unknown } };
      expect(health.checks.cluster).toMatchObject({ status: 'error' });
      expect(health.status).toBe('degraded');
      await under.close();
    } finally {
      await cluster.close();
    }
  });
});
