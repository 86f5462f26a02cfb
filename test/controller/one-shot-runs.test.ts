import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ApiServer } from '../support/api-server/start.ts';
import { backupResult, ClusterAtWork } from './cluster-at-work.ts';
import { adminOf, type RunningController, startCluster, startController } from './controller-under-test.ts';

let server: ApiServer;
let controller: RunningController;
let cluster: ClusterAtWork;

beforeEach(async () => {
  server = await startCluster();
  cluster = new ClusterAtWork(await adminOf(server));
  controller = await startController(server);
});

afterEach(async () => {
  await controller.stop();
  await server.stop();
});

const database = { sqlite: { claimName: 'data', path: 'shop.sqlite' } };

test('makes a Backup a Job as soon as its repository is there, and follows it to its end', async () => {
  await cluster.create('Backup', 'by-hand', { repositoryRef: { name: 'main' }, source: database, sourceName: 'shop' });
  const waiting = await cluster.see('Backup', 'by-hand', ({ status }) => status?.phase === 'Pending');
  expect(waiting.status?.conditions?.[0]).toMatchObject({ type: 'Started', status: 'False', reason: 'RepositoryMissing' });
  await cluster.makeRepository();
  const job = await cluster.see('Job', 'backup-by-hand');
  expect(job.metadata.ownerReferences).toMatchObject([{ kind: 'Backup', name: 'by-hand', uid: waiting.metadata.uid, controller: true }]);
  await cluster.end('backup-by-hand', { result: backupResult('20260115T000000Z-aaaaaa') });
  const backup = await cluster.see('Backup', 'by-hand', ({ status }) => status?.phase === 'Succeeded');
  expect(backup.status).toMatchObject({ jobName: 'backup-by-hand', backupId: '20260115T000000Z-aaaaaa', conditions: [{ type: 'Started', status: 'True' }, { type: 'Succeeded', status: 'True' }] });
});

test('labels what a person asks for like what its schedule makes', async () => {
  await cluster.makeRepository();
  await cluster.makeSchedule('shop', { sourceName: 'orders', trigger: 'now' });
  await cluster.create('Backup', 'by-hand', { scheduleRef: { name: 'shop' } });
  await cluster.create('Drill', 'by-hand', { scheduleRef: { name: 'shop' } }, { labels: { team: 'one' } });
  const byHand = await cluster.see('Backup', 'by-hand', ({ metadata }) => metadata.labels !== undefined);
  await cluster.see('BackupSchedule', 'shop', ({ status }) => status?.observedTrigger === 'now');
  const made = (await cluster.list('Backup')).find(({ metadata }) => metadata.name !== 'by-hand');
  const triggered = await cluster.see('Backup', made?.metadata.name ?? '', ({ metadata }) => metadata.labels !== undefined);
  expect(byHand.metadata.labels).toEqual({ 'holdfast.dev/schedule': 'shop', 'holdfast.dev/source': 'orders', 'holdfast.dev/operation': 'backup', 'holdfast.dev/repository': 'main' });
  expect(triggered.metadata.labels).toEqual(byHand.metadata.labels);
  const drill = await cluster.see('Drill', 'by-hand', ({ status }) => status?.jobName !== undefined);
  expect(drill.metadata.labels).toMatchObject({ team: 'one', 'holdfast.dev/schedule': 'shop', 'holdfast.dev/operation': 'drill' });
});

test('never runs a Restore twice, though its Job is gone and it is applied again', async () => {
  await cluster.makeRepository();
  const spec = { repositoryRef: { name: 'main' }, sourceName: 'shop', target: database };
  await cluster.create('Restore', 'back', spec);
  await cluster.see('Restore', 'back', ({ status }) => status?.jobName === 'restore-back');
  await cluster.end('restore-back', { result: { ok: true, command: 'restore', id: '20260115T000000Z-aaaaaa', source: 'shop', stateAt: '2026-01-15T00:00:00.000Z', safetyBackup: 'safety' } });
  const restore = await cluster.see('Restore', 'back', ({ status }) => status?.phase === 'Succeeded');
  expect(restore.status).toMatchObject({ backupId: '20260115T000000Z-aaaaaa', safetyBackupId: 'safety' });
  await cluster.delete('Job', 'restore-back');
  await cluster.patch('Restore', 'back', { metadata: { annotations: { applied: 'again' } } });
  await controller.stop();
  controller = await startController(server, { identity: 'controller-1' });
  await cluster.makeSchedule();
  await cluster.see('BackupSchedule', 'shop', ({ status }) => status?.cron !== undefined);
  expect(await cluster.find('Job', 'restore-back')).toBeUndefined();
});

test('fails a run whose Job was deleted before its end was seen', async () => {
  await cluster.makeRepository();
  await cluster.create('Drill', 'proof', { repositoryRef: { name: 'main' }, sourceName: 'shop' });
  await cluster.see('Drill', 'proof', ({ status }) => status?.jobName === 'drill-proof');
  await cluster.delete('Job', 'drill-proof');
  const drill = await cluster.see('Drill', 'proof', ({ status }) => status?.phase === 'Failed');
  expect(drill.status).toMatchObject({ failure: { code: 'JOB_GONE' }, result: 'Error' });
});

test('tells a drill that found a difference from one that could not run', async () => {
  await cluster.makeRepository();
  for (const name of ['differs', 'broken']) await cluster.create('Drill', name, { repositoryRef: { name: 'main' }, sourceName: 'shop' });
  const error = { code: 'DRILL_FAILED', message: 'differs', hint: 'look', exitCode: 5 };
  await cluster.end('drill-differs', { exitCode: 5, result: { ok: false, command: 'drill', id: '20260115T000000Z-aaaaaa', source: 'shop', outcome: 'failed', error } });
  await cluster.end('drill-broken', { exitCode: 4, result: { ok: false, command: 'drill', error: { ...error, code: 'STORE_UNREACHABLE', exitCode: 4 } } });
  expect((await cluster.see('Drill', 'differs', ({ status }) => status?.phase === 'Failed')).status?.result).toBe('Failed');
  expect((await cluster.see('Drill', 'broken', ({ status }) => status?.phase === 'Failed')).status?.result).toBe('Error');
});

test('forgets the backup of a deleted Backup only where its deletionPolicy says Delete', async () => {
  await cluster.makeRepository();
  for (const [name, deletionPolicy] of [['kept', 'Retain'], ['gone', 'Delete']]) {
    await cluster.create('Backup', name ?? '', { repositoryRef: { name: 'main' }, source: database, sourceName: 'shop', deletionPolicy });
    await cluster.end(`backup-${name}`, { result: backupResult(`20260115T000000Z-${name}00`) });
    await cluster.see('Backup', name ?? '', ({ status }) => status?.phase === 'Succeeded');
    await cluster.delete('Backup', name ?? '');
  }
  const job = await cluster.see('Job', 'forget-gone-gone00');
  expect(job.spec?.template.spec?.containers[0]?.args).toEqual(['forget', '20260115T000000Z-gone00']);
  expect(job.metadata.ownerReferences).toMatchObject([{ kind: 'BackupRepository', name: 'main' }]);
  expect(await cluster.find('Job', 'forget-kept-kept00')).toBeUndefined();
});

test('forgets nothing when a namespace ends with everything in it', async () => {
  await cluster.makeRepository();
  await cluster.create('Backup', 'gone', { repositoryRef: { name: 'main' }, source: database, sourceName: 'shop', deletionPolicy: 'Delete' });
  await cluster.end('backup-gone', { result: backupResult('20260115T000000Z-aaaaaa') });
  await cluster.see('Backup', 'gone', ({ status }) => status?.phase === 'Succeeded');
  const { signal } = new AbortController();
  await cluster.client.delete('Namespace', { name: 'shop' }, { signal });
  for (const deadline = Date.now() + 5_000; Date.now() < deadline && (await cluster.client.find('Namespace', { name: 'shop' }, { signal })) !== undefined; );
  expect(await cluster.client.find('Namespace', { name: 'shop' }, { signal })).toBeUndefined();
  await new Promise((resolve) => { setTimeout(resolve, 600); });
  expect(server.requests({ verb: 'create', resource: 'jobs' }).filter(({ name }) => name === 'forget-gone-aaaaaa')).toEqual([]);
  expect(controller.log.lines().filter(({ level }) => level === 'error')).toEqual([]);
});

test('asks a repository again when its store changes, and tells what it answered', async () => {
  await cluster.makeRepository();
  const first = await cluster.see('Job', 'main-init');
  await cluster.patch('BackupRepository', 'main', { spec: { volume: { claimName: 'other' } } });
  await cluster.see('Job', 'main-init', ({ metadata }) => metadata.uid !== first.metadata.uid);
  await cluster.end('main-init', { exitCode: 7, result: { ok: false, command: 'init', error: { code: 'WRONG_KEY', message: 'Another key', hint: 'Give the right one', exitCode: 7 } } });
  const refused = await cluster.see('BackupRepository', 'main', ({ status }) => status?.conditions?.some(({ type, status: holds }) => type === 'Ready' && holds === 'False') ?? false);
  expect(refused.status?.conditions?.[0]).toMatchObject({ type: 'Ready', reason: 'WrongKey', message: 'Another key. Give the right one' });
});

test('keeps what prune and verify runs found', async () => {
  await cluster.makeRepository('main', { prune: { schedule: '0 3 * * 0' }, verify: { schedule: '0 4 * * 6' } });
  await cluster.end(await cluster.startCronJob('main-prune'), { result: { ok: true, command: 'prune', bytes: 77, space: { freeBytes: 3, totalBytes: 9 } } });
  const error = { code: 'REPOSITORY_NOT_WHOLE', message: '2 findings', hint: 'Repair', exitCode: 5 };
  await cluster.end(await cluster.startCronJob('main-verify'), { exitCode: 5, result: { ok: false, command: 'verify', found: 2, error } });
  const repository = await cluster.see('BackupRepository', 'main', ({ status }) => status?.findings === 2 && status.freedBytes === 77);
  expect(repository.status).toMatchObject({ freeBytes: 3, totalBytes: 9 });
  expect(repository.status?.conditions).toMatchObject([{ type: 'Ready', status: 'True' }, { type: 'Whole', status: 'False', reason: 'DamageFound' }]);
});
