import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { annotations, labels } from '../../src/kubernetes/resources/names.ts';
import type { ApiServer } from '../support/api-server/start.ts';
import { backupResult, ClusterAtWork, seconds } from './cluster-at-work.ts';
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

const condition = (type: string, status: string) => ({ status: { conditions } = {} }: { status?: { conditions?: { type: string; status: string }[] | undefined } | undefined }) =>
  conditions?.some((each) => each.type === type && each.status === status) ?? false;

test('makes CronJobs once the repository is there, and says so', async () => {
  await cluster.makeSchedule('shop', { schedule: 'H 2 * * *', drill: { schedule: '0 5 * * 0' }, retention: { keepDaily: 7 } });
  const waiting = await cluster.see('BackupSchedule', 'shop', condition('Ready', 'False'));
  expect(waiting.status?.conditions?.find(({ type }) => type === 'Ready')?.reason).toBe('RepositoryMissing');
  await cluster.makeRepository('main', { prune: { schedule: '0 3 * * 0' } });
  const ready = await cluster.see('BackupSchedule', 'shop', condition('Ready', 'True'));
  expect(ready.status).toMatchObject({ observedGeneration: 1, missedRuns: 0, consecutiveFailures: 0, retainedBackups: 0 });
  expect(ready.status?.cron).toMatch(/^[0-9]+ 2 \* \* \*$/);
  expect((await cluster.list('CronJob')).map(({ metadata }) => metadata.name).toSorted()).toEqual(['main-prune', 'shop-backup', 'shop-drill', 'shop-retention']);
  await cluster.patch('BackupSchedule', 'shop', { spec: { drill: null } });
  await cluster.see('BackupSchedule', 'shop', ({ status }) => status?.observedGeneration === 2);
  expect(await cluster.find('CronJob', 'shop-drill')).toBeUndefined();
});

test('records what CronJobs run, what drills prove and what retention forgets', async () => {
  await cluster.makeRepository();
  await cluster.makeSchedule('shop', { drill: { schedule: '0 5 * * 0' }, retention: { keepDaily: 7 } });
  const first = await cluster.startCronJob('shop-backup', new Date(Date.now() - 120_000));
  await cluster.see('Backup', first, ({ metadata, status }) => metadata.annotations?.[annotations.origin] === 'schedule' && status?.phase === 'Pending');
  await cluster.end(first, { result: backupResult('20260115T000000Z-aaaaaa', { space: { freeBytes: 5, totalBytes: 9 } }), at: new Date(Date.now() - 60_000) });
  const backup = await cluster.see('Backup', first, ({ status }) => status?.phase === 'Succeeded');
  expect(backup.status).toMatchObject({ repository: 'main', source: 'shop', backupId: '20260115T000000Z-aaaaaa', rawBytes: 1_000, storedBytes: 400, newBytes: 100, suspicious: false });
  await cluster.see('BackupSchedule', 'shop', ({ status }) => status?.lastSuccessfulBackup === first && status.retainedBackups === 1);
  await cluster.see('BackupRepository', 'main', ({ status }) => status?.freeBytes === 5 && status.totalBytes === 9);

  const drill = await cluster.startCronJob('shop-drill');
  await cluster.end(drill, { result: { ok: true, command: 'drill', id: '20260115T000000Z-aaaaaa', source: 'shop', outcome: 'passed', restoreMs: 20, checkMs: 5, ageMs: 9_000 } });
  expect((await cluster.see('Drill', drill, ({ status }) => status?.phase === 'Succeeded')).status).toMatchObject({ result: 'Passed', restoreMs: 20, checkMs: 5, ageMs: 9_000 });
  await cluster.see('Backup', first, ({ metadata, status }) => status?.proven === true && metadata.labels?.[labels.lastProven] === 'true');
  await cluster.see('BackupSchedule', 'shop', ({ status }) => status?.lastProvenBackup === first && status.lastDrillResult === 'Passed');

  const second = await cluster.startCronJob('shop-backup');
  await cluster.end(second, { result: backupResult('20260116T000000Z-bbbbbb'), at: new Date(Date.now() - 30_000) });
  await cluster.see('Backup', second, ({ status }) => status?.phase === 'Succeeded');
  const retention = await cluster.startCronJob('shop-retention');
  await cluster.end(retention, { result: { ok: true, command: 'cleanup', kept: 1, forgotten: 1, keptIds: ['20260116T000000Z-bbbbbb'], forgottenIds: ['20260115T000000Z-aaaaaa'] } });
  await cluster.see('Backup', first, ({ status }) => status?.forgottenAt !== undefined);
  await cluster.see('BackupSchedule', 'shop', ({ status }) => status?.retainedBackups === 1 && status.lastRetentionTime !== undefined);
  expect((await cluster.find('Backup', second))?.status?.forgottenAt).toBeUndefined();
});

test('counts no retention run that failed, and forgets nothing of another source', async () => {
  await cluster.makeRepository();
  await cluster.makeSchedule('shop', { retention: { keepDaily: 7 } });
  const [old, shop] = [await cluster.startCronJob('shop-backup', new Date(Date.now() - 120_000)), await cluster.startCronJob('shop-backup', new Date(Date.now() - 60_000))];
  await cluster.end(old, { result: backupResult('20260114T000000Z-aaaaaa', { source: 'renamed-since' }), at: new Date(Date.now() - 90_000) });
  await cluster.end(shop, { result: backupResult('20260115T000000Z-bbbbbb'), at: new Date(Date.now() - 45_000) });
  await cluster.see('BackupSchedule', 'shop', ({ status }) => status?.retainedBackups === 2);
  const failed = await cluster.startCronJob('shop-retention', new Date(Date.now() - 60_000));
  const error = { code: 'CONFIRMATION_NEEDED', message: 'More than half', hint: 'Confirm', exitCode: 7 };
  await cluster.end(failed, { exitCode: 7, result: { ok: false, command: 'cleanup', error }, at: new Date(Date.now() - 5_000) });
  await cluster.patch('BackupSchedule', 'shop', { spec: { catchUp: false } });
  const schedule = await cluster.see('BackupSchedule', 'shop', ({ status }) => status?.observedGeneration === 2);
  expect(schedule.status?.lastRetentionTime).toBeUndefined();
  const done = await cluster.startCronJob('shop-retention');
  await cluster.end(done, { result: { ok: true, command: 'cleanup', kept: 0, forgotten: 1, keptIds: [], forgottenIds: ['20260115T000000Z-bbbbbb'] } });
  await cluster.see('BackupSchedule', 'shop', ({ status }) => status?.retainedBackups === 1 && status.lastRetentionTime !== undefined);
  expect((await cluster.find('Backup', old))?.status?.forgottenAt).toBeUndefined();
});

test('counts failures in a row, and tells why a run failed in its own words', async () => {
  await cluster.makeRepository();
  await cluster.makeSchedule();
  const job = await cluster.startCronJob('shop-backup');
  const error = { code: 'SOURCE_UNREACHABLE', message: 'The database does not answer', hint: 'Start it', exitCode: 3 };
  await cluster.end(job, { exitCode: 3, result: { ok: false, command: 'backup', error } });
  expect((await cluster.see('Backup', job, ({ status }) => status?.phase === 'Failed')).status?.failure).toEqual(error);
  await cluster.see('BackupSchedule', 'shop', ({ status }) => status?.consecutiveFailures === 1);
  expect((await cluster.list('Event')).map(({ reason }) => reason)).toContain('BackupFailed');
});

test('does not bring back a record that somebody deleted', async () => {
  await cluster.makeRepository();
  await cluster.makeSchedule();
  const job = await cluster.startCronJob('shop-backup');
  await cluster.see('Job', job, ({ metadata }) => metadata.annotations?.[annotations.recordedAs] === job);
  await cluster.delete('Backup', job);
  await cluster.end(job, { result: backupResult('20260115T000000Z-aaaaaa') });
  await cluster.patch('BackupSchedule', 'shop', { spec: { catchUp: false } });
  await cluster.see('BackupSchedule', 'shop', ({ status }) => status?.observedGeneration === 2);
  expect(await cluster.find('Backup', job)).toBeUndefined();
});

test('makes one run for each new value of trigger', async () => {
  await cluster.makeRepository();
  await cluster.makeSchedule('shop', { trigger: 'first' });
  await cluster.see('BackupSchedule', 'shop', ({ status }) => status?.observedTrigger === 'first');
  await cluster.patch('BackupSchedule', 'shop', { spec: { trigger: 'second' } });
  await cluster.see('BackupSchedule', 'shop', ({ status }) => status?.observedTrigger === 'second');
  await cluster.patch('BackupSchedule', 'shop', { spec: { trigger: 'first', catchUp: false } });
  await cluster.see('BackupSchedule', 'shop', ({ status }) => status?.observedTrigger === 'first');
  const backups = await cluster.list('Backup');
  expect(backups.map(({ metadata }) => metadata.annotations?.[annotations.origin])).toEqual(['trigger', 'trigger', 'trigger']);
  for (const { metadata } of backups) await cluster.see('Job', `backup-${metadata.name}`);
});

test('makes up once for runs that nobody started', async () => {
  await cluster.makeRepository();
  await cluster.makeSchedule('shop', { schedule: '* * * * *', startingDeadlineSeconds: 60 });
  await cluster.see('BackupSchedule', 'shop', condition('Ready', 'True'));
  expect(await cluster.list('Backup')).toEqual([]);
  controller.advance(10 * 60_000);
  await cluster.patch('BackupSchedule', 'shop', { metadata: { annotations: { looked: 'again' } } });
  await cluster.see('BackupSchedule', 'shop', ({ status }) => (status?.missedRuns ?? 0) >= 8);
  const [catchUp, ...others] = await cluster.list('Backup');
  expect(others).toEqual([]);
  expect(catchUp?.metadata.annotations?.[annotations.origin]).toBe('catch-up');
});

test('suspends its CronJobs, misses nothing meanwhile, and counts anew when resumed', async () => {
  await cluster.makeRepository();
  await cluster.makeSchedule('shop', { schedule: '* * * * *', startingDeadlineSeconds: 60, suspend: true });
  await cluster.see('BackupSchedule', 'shop', condition('Suspended', 'True'));
  expect((await cluster.see('CronJob', 'shop-backup')).spec?.suspend).toBe(true);
  controller.advance(60 * 60_000);
  await cluster.patch('BackupSchedule', 'shop', { spec: { suspend: false } });
  const resumed = await cluster.see('BackupSchedule', 'shop', condition('Suspended', 'False'));
  expect(resumed.status).toMatchObject({ missedRuns: 0 });
  expect(Date.parse(resumed.status?.dueSince ?? '')).toBeGreaterThan(Date.now() + 59 * 60_000);
  await cluster.see('CronJob', 'shop-backup', ({ spec }) => spec?.suspend === false);
  expect(await cluster.list('Backup')).toEqual([]);
});

test('says that a success is overdue', async () => {
  await cluster.makeRepository();
  await cluster.makeSchedule('shop', { schedule: '0 * * * *', catchUp: false, jobs: { activeDeadlineSeconds: 600 } });
  await cluster.see('BackupSchedule', 'shop', condition('Overdue', 'False'));
  controller.advance(3 * 3_600_000);
  await cluster.patch('BackupSchedule', 'shop', { metadata: { annotations: { looked: 'again' } } });
  const overdue = await cluster.see('BackupSchedule', 'shop', condition('Overdue', 'True'));
  expect(overdue.status?.conditions?.find(({ type }) => type === 'Overdue')?.message).toContain('there was none yet');
  expect(Date.parse(overdue.status?.nextDueTime ?? '')).toBeGreaterThan(Date.parse(seconds(new Date())) + 3 * 3_600_000);
});
