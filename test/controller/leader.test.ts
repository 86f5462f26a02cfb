import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ApiServer } from '../support/api-server/start.ts';
import { backupResult, ClusterAtWork } from './cluster-at-work.ts';
import { adminOf, startCluster, startController } from './controller-under-test.ts';
import { type Replica, startReplica } from './replica.ts';

let server: ApiServer;
let cluster: ClusterAtWork;
let replicas: Map<string, Replica>;

beforeEach(async () => {
  server = await startCluster();
  cluster = new ClusterAtWork(await adminOf(server));
  replicas = new Map();
});

afterEach(async () => {
  for (const replica of replicas.values()) await replica.end('SIGKILL');
  await server.stop();
});

async function startTwo(): Promise<void> {
  for (const identity of ['replica-a', 'replica-b']) replicas.set(identity, await startReplica(server, identity));
}

async function leaderOf(others: readonly (string | undefined)[] = []): Promise<string> {
  let holder: string | undefined;
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(100)) {
    const lease = await cluster.client.find('Lease', { namespace: 'holdfast', name: 'holdfast-controller' }, { signal: AbortSignal.timeout(5_000) });
    holder = lease?.spec?.holderIdentity;
    if (holder && !others.includes(holder)) return holder;
  }
  throw new Error(`nobody but ${holder} leads`);
}

test('another replica takes over when the leader is killed, and no run is made twice or missed', async () => {
  await startTwo();
  await cluster.makeRepository();
  await cluster.makeSchedule('shop', { trigger: 'once' });
  await cluster.see('BackupSchedule', 'shop', ({ status }) => status?.observedTrigger === 'once');
  const killed = await leaderOf();
  await cluster.patch('BackupSchedule', 'shop', { spec: { trigger: 'twice' } });
  await replicas.get(killed)?.end('SIGKILL');
  const job = await cluster.startCronJob('shop-backup');
  await cluster.end(job, { result: backupResult('20260115T000000Z-aaaaaa') });
  await leaderOf([killed]);
  await cluster.see('Backup', job, ({ status }) => status?.phase === 'Succeeded');
  await cluster.see('BackupSchedule', 'shop', ({ status }) => status?.observedTrigger === 'twice');
  expect(await cluster.list('Backup')).toHaveLength(3);
}, 60_000);

test('a leader that is asked to stop gives the lease back at once', async () => {
  await startTwo();
  const leader = await leaderOf();
  const stoppedAt = Date.now();
  expect(await replicas.get(leader)?.end('SIGTERM')).toBe(0);
  await leaderOf([leader]);
  expect(Date.now() - stoppedAt).toBeLessThan(10_000);
}, 60_000);

test('a leader that cannot reach the API server stops acting, and acts again afterwards', async () => {
  const controller = await startController(server);
  await cluster.makeRepository();
  expect(controller.isLeader()).toBe(true);
  await server.restart(3_000);
  expect(controller.log.lines().map(({ msg }) => msg)).toContain('no longer leading');
  await cluster.makeSchedule();
  await cluster.see('BackupSchedule', 'shop', ({ status }) => status?.cron !== undefined);
  await controller.stop();
}, 60_000);
