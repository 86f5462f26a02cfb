import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { definitionOf } from '../../src/kubernetes/resources/definitions.ts';
import { kinds } from '../../src/kubernetes/resources/kinds.ts';
import type { ApiServer } from '../support/api-server/start.ts';
import { until } from '../support/until.ts';
import { backupResult, ClusterAtWork, namespace, seconds } from './cluster-at-work.ts';
import { adminOf, controllerUser, type RunningController, startCluster, startController } from './controller-under-test.ts';

let server: ApiServer;
let controller: RunningController;
let cluster: ClusterAtWork;
const { signal } = new AbortController();

beforeEach(async () => {
  server = await startCluster();
  cluster = new ClusterAtWork(await adminOf(server));
  controller = await startController(server);
});

afterEach(async () => {
  await controller.stop();
  await server.stop();
});

const isReady = ({ status }: { status?: { conditions?: { type: string; status: string }[] | undefined } | undefined }) => status?.conditions?.some(({ type, status: holds }) => type === 'Ready' && holds === 'True') ?? false;
const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'other', image: 'other' }] } };

test("leaves somebody else's CronJob and Job alone, and says that the name is taken", async () => {
  await cluster.create('CronJob', 'shop-backup', { schedule: '1 1 1 1 *', jobTemplate: { spec: { template } } });
  await cluster.create('Job', 'backup-mine', { template });
  await cluster.makeRepository();
  await cluster.makeSchedule();
  await cluster.create('Backup', 'mine', { scheduleRef: { name: 'shop' } });
  const schedule = await cluster.see('BackupSchedule', 'shop', ({ status }) => status?.conditions !== undefined);
  expect(schedule.status?.conditions?.[0]).toMatchObject({ type: 'Ready', status: 'False', reason: 'NameTaken' });
  const backup = await cluster.see('Backup', 'mine', ({ status }) => status?.conditions?.[0]?.reason === 'NameTaken');
  expect(backup.status?.phase).toBe('Pending');
  expect((await cluster.find('CronJob', 'shop-backup'))?.spec?.schedule).toBe('1 1 1 1 *');
  expect((await cluster.find('Job', 'backup-mine'))?.metadata.ownerReferences).toBeUndefined();
  expect((await cluster.list('Event')).filter(({ reason }) => reason === 'NameTaken')).toHaveLength(2);
});

test('puts back what somebody changed by hand', async () => {
  await cluster.makeRepository();
  await cluster.makeSchedule();
  await cluster.see('BackupSchedule', 'shop', isReady);
  await cluster.patch('CronJob', 'shop-backup', { spec: { schedule: '9 9 9 9 *', suspend: true } });
  await cluster.see('CronJob', 'shop-backup', ({ spec }) => spec?.schedule === '0 2 * * *' && spec.suspend === false);
  await cluster.delete('CronJob', 'shop-backup');
  await cluster.see('CronJob', 'shop-backup');
  await cluster.client.patch('BackupSchedule', { namespace, name: 'shop' }, { status: { missedRuns: 99 } }, { signal, subresource: 'status' });
  const healed = await cluster.see('BackupSchedule', 'shop', ({ status }) => status?.missedRuns === 0);
  expect(healed.status?.cron).toBe('0 2 * * *');
});

test('goes on after the API server was away, cut every watch, forgot old revisions, and refused requests', async () => {
  await cluster.makeRepository();
  await cluster.makeSchedule();
  await cluster.see('BackupSchedule', 'shop', isReady);
  await server.restart(300);
  const first = await cluster.startCronJob('shop-backup', new Date(Date.now() - 300_000));
  await cluster.end(first, { result: backupResult('20260115T000000Z-aaaaaa') });
  await cluster.see('Backup', first, ({ status }) => status?.phase === 'Succeeded');
  server.expireWatches();
  server.fail({ user: controllerUser, verb: 'create' }, { status: 500 }, { times: 2 });
  server.fail({ user: controllerUser, verb: 'patch' }, { status: 409, reason: 'Conflict' }, { times: 2 });
  server.fail({ user: controllerUser, verb: 'patch' }, 'cut-after', { skip: 2 });
  const second = await cluster.startCronJob('shop-backup');
  await cluster.end(second, { result: backupResult('20260116T000000Z-bbbbbb') });
  await cluster.see('Backup', second, ({ status }) => status?.phase === 'Succeeded');
  await cluster.see('BackupSchedule', 'shop', ({ status }) => status?.retainedBackups === 2);
  expect(await cluster.list('Backup')).toHaveLength(2);
});

test('makes one Job though the answer to its making was lost', async () => {
  await cluster.makeRepository();
  server.fail({ user: controllerUser, verb: 'create', resource: 'jobs' }, 'cut-after');
  await cluster.create('Backup', 'by-hand', { repositoryRef: { name: 'main' }, source: { sqlite: { claimName: 'data', path: 'shop.sqlite' } } });
  await cluster.see('Backup', 'by-hand', ({ status }) => status?.jobName === 'backup-by-hand');
  expect((await cluster.list('Job')).map(({ metadata }) => metadata.name).toSorted()).toEqual(['backup-by-hand', 'main-init']);
});

test('runs nothing twice, and takes back no end, though it sees neither: their watches fell silent', async () => {
  const database = { sqlite: { claimName: 'data', path: 'shop.sqlite' } };
  await cluster.create('Restore', 'back', { repositoryRef: { name: 'main' }, sourceName: 'shop', target: database });
  await cluster.create('Backup', 'by-hand', { repositoryRef: { name: 'main' }, source: database });
  await until(() => [controller.view.restores, controller.view.backups].every((seen) => [...seen.values()].some(({ status }) => status?.phase === 'Pending')));
  for (const resource of ['restores', 'backups']) server.silenceWatches(resource);
  await cluster.makeRepository();
  await cluster.see('Restore', 'back', ({ status }) => status?.jobName === 'restore-back');
  await cluster.end('backup-by-hand', { result: backupResult('20260115T000000Z-aaaaaa') });
  await cluster.see('Backup', 'by-hand', ({ status }) => status?.phase === 'Succeeded');
  for (const job of ['restore-back', 'backup-by-hand']) await cluster.delete('Job', job);
  const restore = await cluster.see('Restore', 'back', ({ status }) => status?.phase === 'Failed');
  expect(restore.status?.failure?.code).toBe('JOB_GONE');
  await sleep(300);
  expect((await cluster.find('Backup', 'by-hand'))?.status).toMatchObject({ phase: 'Succeeded', backupId: '20260115T000000Z-aaaaaa' });
  expect((await cluster.list('Job')).map(({ metadata }) => metadata.name)).toEqual(['main-init']);
});

test('asks a repository again whose answer went with its pod before it was read', async () => {
  await cluster.create('BackupRepository', 'main', { volume: { claimName: 'backups' }, encryption: 'none' });
  const lost = await cluster.see('Job', 'main-init');
  const lastTransitionTime = seconds(new Date());
  await cluster.client.patch('Job', { namespace, name: 'main-init' }, { status: { startTime: lastTransitionTime, completionTime: lastTransitionTime, conditions: [{ type: 'Complete', status: 'True', lastTransitionTime }] } }, { signal, subresource: 'status' });
  await cluster.see('BackupRepository', 'main', ({ status }) => status?.conditions?.[0]?.reason === 'Initializing');
  controller.advance(16 * 60_000);
  await cluster.patch('BackupRepository', 'main', { metadata: { annotations: { looked: 'again' } } });
  await cluster.see('Job', 'main-init', ({ metadata }) => metadata.uid !== lost.metadata.uid);
  await cluster.end('main-init', { result: { ok: true, command: 'init', id: 'repository-1' } });
  expect(isReady(await cluster.see('BackupRepository', 'main', ({ status }) => status?.repositoryId === 'repository-1'))).toBe(true);
});

test('waits while a definition is not there, and goes on when it is back', async () => {
  await cluster.makeRepository();
  await cluster.makeSchedule();
  await cluster.see('BackupSchedule', 'shop', isReady);
  await cluster.client.delete('CustomResourceDefinition', { name: `${kinds.BackupSchedule.plural}.holdfast.dev` }, { signal });
  await until(() => controller.view.schedules.size === 0);
  await sleep(300);
  await cluster.client.create('CustomResourceDefinition', definitionOf('BackupSchedule'), { signal });
  await sleep(200);
  await cluster.makeSchedule('again');
  await cluster.see('BackupSchedule', 'again', isReady);
  expect((await cluster.list('CronJob')).map(({ metadata }) => metadata.name)).toContain('again-backup');
});

test('reads no Secret, and writes nothing where nothing changes', async () => {
  await cluster.makeRepository('main', { prune: { schedule: 'H H * * 0' }, jobs: { resources: { requests: { cpu: '0.5', memory: '1024Mi' }, limits: { memory: '1024Mi' } } } });
  await cluster.makeSchedule('shop', { drill: { schedule: '0 5 * * 0' }, retention: { keepDaily: 7 } });
  await cluster.see('BackupSchedule', 'shop', isReady);
  const job = await cluster.startCronJob('shop-backup');
  await cluster.end(job, { result: backupResult('20260115T000000Z-aaaaaa') });
  await cluster.see('BackupSchedule', 'shop', ({ status }) => status?.lastSuccessfulBackup === job);
  await sleep(500);
  server.forgetRequests();
  await controller.stop();
  controller = await startController(server, { identity: 'controller-1' });
  await cluster.patch('BackupSchedule', 'shop', { metadata: { annotations: { looked: 'again' } } });
  await sleep(1_500);
  const written = server.requests({ user: controllerUser }).filter(({ verb, resource }) => !['get', 'list', 'watch'].includes(verb) && resource !== 'leases');
  expect(written).toEqual([]);
  expect(server.requests({ resource: 'secrets' })).toEqual([]);
});
