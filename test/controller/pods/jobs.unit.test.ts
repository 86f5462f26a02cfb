import { describe, expect, it } from '@jest/globals';
import type { CronJob, Job } from '../../../src/kubernetes/objects.ts';
import { cronJobsOfRepository, cronJobsOfSchedule } from '../../../src/controller/pods/cron-jobs.ts';
import { forgetJobOf, initJobOf, jobOfBackup, jobOfDrill, jobOfRestore } from '../../../src/controller/pods/jobs.ts';
import { podSettings, resourceOf, volumeRepository } from './resources.ts';

const sqlite = { sqlite: { claimName: 'data', path: 'app/50%.sqlite' } };
const postgres = { postgres: { addressSecret: { name: 'database' } } };

const podOf = (made: Job | CronJob | undefined) => (made?.kind === 'CronJob' ? made.spec?.jobTemplate.spec : made?.spec)?.template.spec;
const containerOf = (made: Job | CronJob | undefined) => podOf(made)?.containers[0];
const variablesOf = (made: Job | CronJob | undefined) => Object.fromEntries((containerOf(made)?.env ?? []).map(({ name, value }) => [name, value]));
const mountPathsOf = (made: Job | CronJob | undefined) => (containerOf(made)?.volumeMounts ?? []).map(({ mountPath }) => mountPath);

function backup(spec: object = {}, repository = volumeRepository()) {
  return jobOfBackup(resourceOf('Backup', 'monday', { repositoryRef: { name: 'main' }, source: postgres, ...spec }), { repository }, podSettings);
}

const restoreJob = (mode: string) => jobOfRestore(resourceOf('Restore', 'friday', { repositoryRef: { name: 'main' }, sourceName: 'shop', target: postgres, mode, endSessions: true }), volumeRepository(), podSettings);
const initArguments = (spec: object) => containerOf(initJobOf(resourceOf('BackupRepository', 'main', { volume: { claimName: 'backups' }, ...spec }), podSettings))?.args;
const forgetJob = (rest: Parameters<typeof resourceOf>[3]) => forgetJobOf(resourceOf('Backup', 'monday', { scheduleRef: { name: 'shop' } }, rest), volumeRepository(), podSettings);
const shopSchedule = (spec: object = {}) => resourceOf('BackupSchedule', 'shop', { repositoryRef: { name: 'main' }, source: postgres, schedule: 'H 2 * * *', drill: { schedule: '0 3 * * 0' }, retention: { keepLast: 3, keepWithin: '7d' }, ...spec });
const suspended = (spec: object) => cronJobsOfSchedule(shopSchedule(spec), volumeRepository(), podSettings).map(({ spec: made }) => made?.suspend);

describe('the pod of a run', () => {
  it('meets the restricted Pod Security Standard, and has no token', () => {
    const pod = podOf(backup());
    expect(pod).toMatchObject({ restartPolicy: 'Never', automountServiceAccountToken: false, enableServiceLinks: false });
    expect(pod?.securityContext).toEqual({ runAsNonRoot: true, runAsUser: 65_532, runAsGroup: 65_532, fsGroup: 65_532, fsGroupChangePolicy: 'OnRootMismatch', seccompProfile: { type: 'RuntimeDefault' } });
    expect(pod?.containers[0]?.securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
  });

  it('names no user where the platform assigns them, and the one that a resource asks for', () => {
    const settings = { ...podSettings, userId: undefined };
    expect(podOf(initJobOf(volumeRepository(), settings))?.securityContext).not.toHaveProperty('runAsUser');
    expect(podOf(initJobOf(volumeRepository({ userId: 1000 }), settings))?.securityContext).toMatchObject({ runAsUser: 1000, fsGroup: 1000 });
  });

  it('sees secrets as files, key by key, and no secret value in its variables', () => {
    const job = backup();
    expect(podOf(job)?.volumes).toContainEqual({ name: 'keys', secret: { secretName: 'keys', defaultMode: 0o440, items: [{ key: 'repository.key', path: 'repository.key' }, { key: 'recipients.txt', path: 'recipients.txt' }] } });
    expect(variablesOf(job)).toMatchObject({ HOLDFAST_SOURCE_FILE: '/secrets/source/address', HOLDFAST_REPOSITORY_KEY_FILE: '/secrets/keys/repository.key' });
    const secretMounts = containerOf(job)?.volumeMounts?.filter(({ mountPath }) => mountPath.startsWith('/secrets/'));
    expect(secretMounts?.every(({ readOnly }) => readOnly === true)).toBe(true);
  });

  it('holds the identity only where it reads backups', () => {
    const repository = volumeRepository();
    const schedule = resourceOf('BackupSchedule', 'shop', { repositoryRef: { name: 'main' }, source: postgres, schedule: 'H 2 * * *', drill: { schedule: 'H 3 * * *' }, retention: { keepLast: 3 } });
    const restore = jobOfRestore(resourceOf('Restore', 'friday', { repositoryRef: { name: 'main' }, sourceName: 'shop', target: postgres }), repository, podSettings);
    const holders = [...cronJobsOfSchedule(schedule, repository, podSettings), initJobOf(repository, podSettings), restore].filter((made) => mountPathsOf(made).includes('/secrets/identity'));
    expect(holders.map(({ metadata }) => metadata.name)).toEqual(['shop-drill', 'restore-friday']);
  });

  it('finds an SQLite file by an address that means its path, whatever the path holds', () => {
    const job = backup({ source: sqlite });
    expect(variablesOf(job)).toMatchObject({ HOLDFAST_SOURCE: 'sqlite:///source/app/50%25.sqlite' });
    expect(mountPathsOf(job)).toContain('/source');
  });

  it('finds a bucket, its credentials and its certificate authority', () => {
    const s3 = { bucket: 'backups', prefix: 'a/b', endpoint: 'https://s3.example.com', pathStyle: true, credentialsSecret: { name: 'bucket' }, caSecret: { name: 'ca', key: 'root.pem' } };
    const job = backup({}, resourceOf('BackupRepository', 'main', { s3, encryption: 'none' }));
    expect(variablesOf(job)).toMatchObject({
      HOLDFAST_REPOSITORY: 's3://backups/a/b',
      HOLDFAST_S3_ENDPOINT: 'https://s3.example.com',
      HOLDFAST_S3_PATH_STYLE: 'true',
      AWS_SHARED_CREDENTIALS_FILE: '/secrets/s3/credentials',
      HOLDFAST_S3_CA_FILE: '/secrets/s3/ca.crt',
    });
    expect(podOf(job)?.volumes?.find(({ name }) => name === 's3')?.projected?.sources).toEqual([
      { secret: { name: 'bucket', items: [{ key: 'credentials', path: 'credentials' }] } },
      { secret: { name: 'ca', items: [{ key: 'root.pem', path: 'ca.crt' }] } },
    ]);
  });

  it('names each variable once, as server-side apply wants it: what a resource asks for counts', () => {
    const names = containerOf(backup({ backup: { connections: 2 }, jobs: { extraEnv: [{ name: 'HOLDFAST_CONNECTIONS', value: '4' }, { name: 'A', value: '1' }, { name: 'A', value: '2' }] } }))?.env?.map(({ name }) => name);
    expect(new Set(names).size).toBe(names?.length);
    expect(variablesOf(backup({ backup: { connections: 2 }, jobs: { extraEnv: [{ name: 'HOLDFAST_CONNECTIONS', value: '4' }] } }))).toMatchObject({ HOLDFAST_CONNECTIONS: '4' });
  });

  it('asks for resources quantity by quantity: of the resource, else of the controller, else the default', () => {
    const repository = volumeRepository({ temporarySpace: '1Gi', resources: { requests: { cpu: '2' } } });
    const job = jobOfBackup(resourceOf('Backup', 'monday', { repositoryRef: { name: 'main' }, source: postgres }), { repository }, { ...podSettings, resources: { requests: { cpu: '1', memory: '300Mi' } } });
    expect(containerOf(job)?.resources).toEqual({ requests: { cpu: '2', memory: '300Mi', 'ephemeral-storage': '1Gi' }, limits: { memory: '512Mi', 'ephemeral-storage': '1Gi' } });
    expect(podOf(job)?.volumes?.[0]).toEqual({ name: 'temporary', emptyDir: { sizeLimit: '1Gi' } });
  });

  it('takes the settings of the nearest: run, drill, schedule, repository; labels of ours cannot be taken', () => {
    const repository = volumeRepository({ serviceAccountName: 'of-repository', priorityClassName: 'of-repository' });
    const drill = { schedule: 'H 3 * * *', jobs: { temporarySpace: '50Gi' } };
    const schedule = resourceOf('BackupSchedule', 'shop', { repositoryRef: { name: 'main' }, source: postgres, schedule: 'H 2 * * *', drill, jobs: { serviceAccountName: 'of-schedule', temporarySpace: '1Gi' } });
    const run = resourceOf('Drill', 'now', { scheduleRef: { name: 'shop' }, jobs: { podLabels: { team: 'shop', 'holdfast.dev/operation': 'none' } } });
    const job = jobOfDrill(run, { repository, schedule }, podSettings);
    expect(podOf(job)).toMatchObject({ serviceAccountName: 'of-schedule', priorityClassName: 'of-repository' });
    expect(podOf(job)?.volumes?.[0]?.emptyDir?.sizeLimit).toBe('50Gi');
    expect(job?.spec?.template.metadata?.labels).toMatchObject({ team: 'shop', 'holdfast.dev/operation': 'drill', 'holdfast.dev/schedule': 'shop', 'holdfast.dev/source': 'shop', 'holdfast.dev/run': 'now' });
  });
});

describe('a Job', () => {
  it('is retried where that may help, and is owned by what asked for it', () => {
    const job = backup();
    expect(job?.spec).toMatchObject({ backoffLimit: 3, activeDeadlineSeconds: 21_600, ttlSecondsAfterFinished: 604_800 });
    expect(job?.spec?.podFailurePolicy?.rules[0]).toMatchObject({ action: 'FailJob', onExitCodes: { containerName: 'backup', values: [2, 5, 6, 7] } });
    expect(job?.metadata).toMatchObject({ name: 'backup-monday', ownerReferences: [{ kind: 'Backup', name: 'monday', uid: 'uid-of-monday', controller: true }] });
  });

  it('of a restore says how, and means by latest what was there when it was asked for', () => {
    expect(containerOf(restoreJob('New'))?.args).toEqual(['restore', 'latest', '--end-sessions', '--finished-by', '2026-03-01T10:01:00.000Z']);
    expect(containerOf(restoreJob('Swap'))?.args).toEqual(['restore', 'latest', '--swap', '--end-sessions', '--finished-by', '2026-03-01T10:01:00.000Z']);
    expect(variablesOf(restoreJob('Swap'))).toMatchObject({ HOLDFAST_TARGET_FILE: '/secrets/target/address', HOLDFAST_SOURCE_NAME: 'shop' });
  });

  it('makes a repository, or only looks for one', () => {
    expect(initArguments({ keysSecret: { name: 'keys' } })).toEqual(['init', '--if-missing']);
    expect(initArguments({ encryption: 'none', initialize: false })).toEqual(['init', '--check', '--no-encryption']);
  });

  it('forgets what came of a Backup, the last restorable one only where that is allowed', () => {
    const status = { backupId: '20260301T020000Z-abc123', source: 'shop' };
    expect(containerOf(forgetJob({ status }))?.args).toEqual(['forget', status.backupId]);
    expect(containerOf(forgetJob({ status, annotations: { 'holdfast.dev/allow-delete': 'true' } }))?.args).toEqual(['forget', status.backupId, '--yes']);
    expect(forgetJob({ status: {} })).toBeUndefined();
    expect(forgetJob({ status })?.metadata.name).not.toBe(forgetJob({ status: { ...status, backupId: '20260117T180445Z-zzzzzz' } })?.metadata.name);
  });
});

describe('CronJobs', () => {
  it('of a schedule are its backup, drill and retention, in its time zone, never two at once', () => {
    const made = cronJobsOfSchedule(shopSchedule({ timeZone: 'Asia/Shanghai', startingDeadlineSeconds: 600 }), volumeRepository(), podSettings);
    expect(made.map(({ metadata }) => metadata.name)).toEqual(['shop-backup', 'shop-drill', 'shop-retention']);
    expect(made[0]?.spec).toMatchObject({ timeZone: 'Asia/Shanghai', concurrencyPolicy: 'Forbid', startingDeadlineSeconds: 600, suspend: false });
    expect(made[0]?.spec?.schedule).toMatch(/^[0-9]+ 2 \* \* \*$/);
    expect(made.map((cronJob) => containerOf(cronJob)?.args)).toEqual([['backup'], ['drill', 'latest'], ['cleanup', '--keep-last', '3', '--keep-within', '7d']]);
    expect(made.every(({ metadata }) => metadata.ownerReferences?.[0]?.uid === 'uid-of-shop')).toBe(true);
  });

  it('are all suspended with their schedule, or one by one', () => {
    expect(suspended({ suspend: true })).toEqual([true, true, true]);
    expect(suspended({ drill: { schedule: 'H 3 * * 0', suspend: true } })).toEqual([false, true, false]);
  });

  it('of a repository are what it asks for, and hold no source', () => {
    const repository = resourceOf('BackupRepository', 'main', { volume: { claimName: 'backups', path: 'databases' }, encryption: 'none', prune: {}, verify: { readData: 'all' } });
    const made = cronJobsOfRepository(repository, podSettings);
    expect(made.map((cronJob) => [cronJob.metadata.name, containerOf(cronJob)?.args])).toEqual([['main-prune', ['prune']], ['main-verify', ['verify', '--read-data']]]);
    expect(variablesOf(made[0])).toEqual({ HOLDFAST_RESULT_FILE: '/dev/termination-log', HOLDFAST_REPOSITORY: 'file:///repository/databases' });
    expect(cronJobsOfRepository(volumeRepository(), podSettings)).toEqual([]);
  });
});
