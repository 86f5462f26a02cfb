import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ApiServer } from '../support/api-server/start.ts';
import { ClusterAtWork, namespace } from './cluster-at-work.ts';
import { adminOf, controllerUser, startCluster } from './controller-under-test.ts';
import { type Replica, startReplica } from './replica.ts';

let server: ApiServer;
let cluster: ClusterAtWork;
let replica: Replica | undefined;

beforeEach(async () => {
  server = await startCluster();
  cluster = new ClusterAtWork(await adminOf(server));
});

afterEach(async () => {
  await replica?.end('SIGKILL');
  await server.stop();
});

const patienceMs = 150_000;
const object = (kind: string, name: string, spec: object, metadata: object = {}) => ({ apiVersion: 'holdfast.dev/v1alpha1', kind, metadata: { namespace, name, ...metadata }, spec });
const repository = { ...object('BackupRepository', 'main', { volume: { claimName: 'backups' }, encryption: 'none' }), status: { repositoryId: 'repository-1', observedGeneration: 1 } };
const schedules = (count: number) =>
  Array.from({ length: count }, (_, index) => object('BackupSchedule', `shop-${index}`, { repositoryRef: { name: 'main' }, source: { sqlite: { claimName: 'data', path: 'shop.sqlite' } }, schedule: 'H 2 * * *', drill: { schedule: 'H H * * 0' }, retention: { keepDaily: 7 } }));

function writes(resource?: string): number {
  const written = server.requests({ user: controllerUser, ...(resource !== undefined && { resource }) });
  return written.filter(({ verb, resource: of }) => !['get', 'list', 'watch'].includes(verb) && of !== 'leases').length;
}

test('puts 500 schedules in place with less than 30 seconds of computing, and writes nothing afterwards', async () => {
  server.seed([repository, ...schedules(500)]);
  const startedMs = performance.now();
  replica = await startReplica(server, 'controller-0');
  while (writes('backupschedules') < 500 && performance.now() - startedMs < patienceMs) await sleep(100);
  const seconds = (performance.now() - startedMs) / 1_000;
  // The time on the clock is that of whatever else this machine does.
  const computing = await replica.metric('process_cpu_seconds_total');
  process.stderr.write(`500 schedules in place after ${seconds.toFixed(1)} s, ${computing.toFixed(1)} s of them computing\n`);
  expect(writes('cronjobs')).toBe(1_500);
  for (let before = -1; before !== writes(); await sleep(2_000)) before = writes();
  server.forgetRequests();
  await sleep(3_000);
  expect(writes()).toBe(0);
  expect(computing).toBeLessThan(30);
}, 180_000);

test('holds 5,000 Backups in less than 300 MB, and loses none of 10,000 changes', async () => {
  const backups = Array.from({ length: 5_000 }, (_, index) => ({
    ...object('Backup', `shop-${index}`, { scheduleRef: { name: 'shop-0' } }, { annotations: { 'holdfast.dev/origin': 'schedule' }, labels: { 'holdfast.dev/schedule': 'shop-0' } }),
    status: { phase: 'Succeeded', jobName: `shop-${index}`, repository: 'main', source: 'shop', backupId: `20260115T000000Z-${String(index).padStart(6, '0')}`, finishedAt: '2026-01-15T00:00:00Z', rawBytes: 1, storedBytes: 1, newBytes: 1 },
  }));
  server.seed([repository, ...schedules(1), ...backups]);
  replica = await startReplica(server, 'controller-0');
  await cluster.see('BackupSchedule', 'shop-0', ({ status }) => status?.retainedBackups === 5_000);
  const listed = await replica.metric('process_resident_memory_bytes');
  const { forgottenAt, kept } = { forgottenAt: new Date().toISOString(), kept: 17 };
  server.seed(backups.map((backup) => ({ ...backup, status: { ...backup.status, forgottenAt } })));
  server.seed(backups.map((backup, index) => ({ ...backup, status: index < kept ? backup.status : { ...backup.status, forgottenAt, rawBytes: 2 } })));
  await cluster.see('BackupSchedule', 'shop-0', ({ status }) => status?.retainedBackups === kept);
  process.stderr.write(`5,000 Backups: ${Math.round(listed / 1e6)} MB resident, ${Math.round((await replica.metric('process_resident_memory_bytes')) / 1e6)} MB after 10,000 changes\n`);
  expect(listed).toBeLessThan(300e6);
}, 120_000);
