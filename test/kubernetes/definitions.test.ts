import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from '../../src/kubernetes/client.ts';
import type { Connection } from '../../src/kubernetes/connect.ts';
import type { KindName } from '../../src/kubernetes/resources/kinds.ts';
import type { ApiServer } from '../support/api-server/start.ts';
import { backup, clientOf, sqliteSource, startCluster } from './client-on-double.ts';

const { signal } = new AbortController();
const repositoryRef = { name: 'main' };
const schedule = { repositoryRef, source: sqliteSource, schedule: 'H H * * *' };

let server: ApiServer;
let client: Client & { readonly connection: Connection };
let made = 0;

beforeAll(async () => {
  server = await startCluster();
  client = await clientOf(server);
});
afterAll(async () => {
  await client.connection.close();
  await server.stop();
});

const create = async (kind: KindName, spec: object) => client.create(kind, { metadata: { namespace: 'shop', name: `made-${(made += 1)}` }, spec }, { signal });

describe('what a cluster takes of our kinds', () => {
  test.each<[string, KindName, object, RegExp]>([
    ['a repository with two stores', 'BackupRepository', { s3: { bucket: 'backups' }, volume: { claimName: 'backups' }, encryption: 'none' }, /give one of s3 and volume/],
    ['a repository without a store', 'BackupRepository', { encryption: 'none' }, /give one of s3 and volume/],
    ['an encrypted repository without keys', 'BackupRepository', { s3: { bucket: 'backups' } }, /an encrypted repository needs keysSecret/],
    ['a source of two engines', 'BackupSchedule', { ...schedule, source: { ...sqliteSource, postgres: { addressSecret: { name: 'orders' } } } }, /give one of postgres and sqlite/],
    ['a time zone inside of cron', 'BackupSchedule', { ...schedule, schedule: 'TZ=Asia/Shanghai 0 2 * * *' }, /the time zone goes into timeZone/],
    ['cron with seconds', 'BackupSchedule', { ...schedule, schedule: '0 0 2 * * *' }, /cron has five fields/],
    ['a deadline below a minute', 'BackupSchedule', { ...schedule, jobs: { activeDeadlineSeconds: 30 } }, /activeDeadlineSeconds/],
    ['a backup of a schedule and of a source', 'Backup', { scheduleRef: { name: 'nightly' }, ...backup('x').spec }, /give scheduleRef, or repositoryRef and source/],
    ['a drill of nothing', 'Drill', {}, /give scheduleRef, or repositoryRef and sourceName/],
    ['a restore of the nearest', 'Restore', { repositoryRef, sourceName: 'orders', target: sqliteSource, onMissing: 'Nearest' }, /onMissing/],
  ])('not %s', async (_what, kind, spec, message) => {
    await expect(create(kind, spec)).rejects.toThrow(expect.objectContaining({ code: 'OBJECT_REFUSED', message: expect.stringMatching(message) }));
  });

  test.each<[KindName, object]>([
    ['BackupRepository', { volume: { claimName: 'backups', path: 'orders' }, keysSecret: { name: 'keys' }, prune: {}, verify: { readData: '1/7' } }],
    ['BackupSchedule', { ...schedule, drill: { schedule: '@weekly' }, retention: { keepDaily: 7 }, jobs: { resources: { limits: { memory: '1Gi' } }, tolerations: [{ key: 'x', operator: 'Exists' }] } }],
    ['Backup', { scheduleRef: { name: 'nightly' } }],
    ['Restore', { repositoryRef, sourceName: 'orders', target: sqliteSource }],
    ['Drill', { repositoryRef, sourceName: 'orders' }],
  ])('a %s', async (kind, spec) => {
    expect((await create(kind, spec)).spec).toMatchObject(spec);
  });

  test('defaults are filled in', async () => {
    expect((await create('BackupSchedule', { ...schedule, retention: { keepLast: 1 } })).spec).toMatchObject({ timeZone: 'Etc/UTC', startingDeadlineSeconds: 3600, catchUp: true, retention: { schedule: 'H H * * *' } });
    expect((await create('Restore', { repositoryRef, sourceName: 'orders', target: sqliteSource })).spec).toMatchObject({ backup: 'latest', mode: 'New', onMissing: 'Fail' });
  });

  test.each<[KindName, object, object]>([
    ['Backup', backup('x').spec, { deletionPolicy: 'Delete' }],
    ['Restore', { repositoryRef, sourceName: 'orders', target: sqliteSource }, { backup: '20260116T180445Z-abc123' }],
    ['Drill', { repositoryRef, sourceName: 'orders' }, { backup: '20260116T180445Z-abc123' }],
  ])('a %s is not changed once made, but its labels and status may', async (kind, spec, change) => {
    const { metadata } = await create(kind, spec);
    await expect(client.patch(kind, metadata, { spec: change }, { signal })).rejects.toThrow(/a run is not changed: make a new one/);
    await client.patch(kind, metadata, { metadata: { labels: { mark: '1' } } }, { signal });
    expect(await client.applyStatus(kind, { metadata: { namespace: 'shop', name: metadata.name }, status: { phase: 'Running' } }, { signal })).toMatchObject({ status: { phase: 'Running' } });
  });

  test('fields that no kind has are dropped, those of Kubernetes itself are passed through', async () => {
    const { spec } = await create('BackupSchedule', { ...schedule, typo: 1, jobs: { affinity: { podAntiAffinity: { any: ['thing'] } } } });
    expect(spec).not.toHaveProperty('typo');
    expect(spec).toMatchObject({ jobs: { affinity: { podAntiAffinity: { any: ['thing'] } } } });
  });
});
