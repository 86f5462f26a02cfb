import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AnyKind, ObjectOf } from '../../src/kubernetes/objects.ts';
import { type ApiServer } from '../support/api-server/start.ts';
import { type Node, startNode } from '../support/kubelet/node.ts';
import { untilGiven } from '../support/until.ts';
import { holdfastJson } from '../jobs/holdfast.ts';
import { createDatabase, query, service, type TestDatabase } from '../services/database.ts';
import { ClusterAtWork, namespace } from './cluster-at-work.ts';
import { adminOf, type RunningController, startCluster, startController } from './controller-under-test.ts';

/** A pod takes seconds to start and work where others need the machine too. */
const patienceMs = 100_000;
const rows = 500;

/** A database of the tests, as resources name it and as the tests look into it. */
interface Source {
  readonly field: object;
  /** A place that is free, and how to count what a restore made there. */
  readonly target: object;
  restoredRows(): Promise<number>;
  remove(): Promise<void>;
}

const hasEnded = ({ status }: { readonly status?: { readonly phase?: string | undefined } | undefined }): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';
const secret = (name: string, data: Record<string, string>) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])) });

describe.each([
  { engine: 'sqlite', store: 'volume' },
  { engine: 'sqlite', store: 's3' },
  { engine: 'postgres', store: 'volume' },
  { engine: 'postgres', store: 's3' },
] as const)('from a schedule to a proven backup and back: $engine, $store', ({ engine, store }) => {
  let folder: string;
  let server: ApiServer;
  let node: Node;
  let controller: RunningController;
  let cluster: ClusterAtWork;
  let source: Source;
  let aheadMs = 0;

  const eventually = async <Kind extends AnyKind>(kind: Kind, name: string, isSo: (object: ObjectOf<Kind>) => boolean): Promise<ObjectOf<Kind>> =>
    untilGiven(async () => {
      const object = await cluster.find(kind, name);
      return object && isSo(object) ? object : undefined;
    }, { withinMs: patienceMs, what: `${kind} ${name}` });

  /** Moves the clock of controller and CronJobs to a moment after the next time that an hour of UTC begins. */
  const moveToHour = (hour: number): void => {
    const now = Date.now() + aheadMs;
    const due = new Date(now).setUTCHours(hour, 0, 1, 0);
    const leapMs = (due > now ? due : due + 86_400_000) - now;
    aheadMs += leapMs;
    controller.advance(leapMs);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-node-'));
    await chmod(folder, 0o755);
    const keys = join(folder, 'keys');
    await holdfastJson(['keygen', '--directory', keys]);
    const file = async (name: string): Promise<string> => readFile(join(keys, name), 'utf8');
    const claims = ['backups', 'data'].map((name) => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }));
    const assertions = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'assertions', namespace }, data: { 'assertions.sql': `SELECT count(*) = ${rows} FROM items;\n` } };
    const postgres = engine === 'postgres' ? await createPostgres() : undefined;
    server = await startCluster([
      ...claims,
      assertions,
      secret('keys', { 'repository.key': await file('repository.key'), 'recipients.txt': await file('recipients.txt') }),
      secret('identity', { 'identity.txt': await file('identity.txt') }),
      secret('s3', { credentials: `[default]\naws_access_key_id = ${service('TEST_S3_ACCESS_KEY_ID')}\naws_secret_access_key = ${service('TEST_S3_SECRET_ACCESS_KEY')}\n` }),
      ...(postgres ? [secret('database', { address: postgres.source.url }), secret('target', { address: postgres.targetUrl })] : []),
    ]);
    node = startNode({ kubeconfig: await server.kubeConfigFile(), folder, now: () => new Date(Date.now() + aheadMs), retryDelayMs: 100 });
    source = postgres?.asSource ?? (await createSqlite(node.claimFolder(namespace, 'data')));
    cluster = new ClusterAtWork(await adminOf(server));
    controller = await startController(server);
  });

  afterAll(async () => {
    await controller.stop();
    await node.stop();
    await server.stop();
    await source.remove();
    await rm(folder, { recursive: true });
  });

  it('makes the repository, once, and sees that the keys fit', async () => {
    const place = store === 'volume' ? { volume: { claimName: 'backups', path: 'databases' } } : { s3: s3Place() };
    await cluster.create('BackupRepository', 'main', { ...place, keysSecret: { name: 'keys' }, identitySecret: { name: 'identity' } });
    const { status } = await eventually('BackupRepository', 'main', ({ status: seen }) => seen?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true);
    expect(status?.repositoryId).toMatch(/^[0-9a-f-]{36}$/);
    expect(status?.totalBytes !== undefined).toBe(store === 'volume');
  });

  it('backs up when it is due, and keeps a record of it', async () => {
    const drill = { schedule: '0 3 * * *', assertionsConfigMap: { name: 'assertions' } };
    await cluster.create('BackupSchedule', 'shop', { repositoryRef: { name: 'main' }, source: source.field, schedule: '0 2 * * *', drill, retention: { schedule: '0 4 * * *', keepLast: 1 } });
    await eventually('CronJob', 'shop-backup', () => true);
    await eventually('CronJob', 'shop-drill', () => true);
    moveToHour(2);
    const { status } = await eventually('BackupSchedule', 'shop', ({ status: seen }) => seen?.lastSuccessfulBackup !== undefined);
    const backup = await eventually('Backup', status?.lastSuccessfulBackup ?? '', hasEnded);
    expect(backup.status).toMatchObject({ phase: 'Succeeded', source: 'shop', suspicious: false });
    expect(backup.status?.backupId).toMatch(/^\d{8}T\d{6}Z-/);
    expect(backup.status?.rawBytes).toBeGreaterThan(0);
  });

  it('drills it when that is due: the backup is proven', async () => {
    moveToHour(3);
    const { status } = await eventually('BackupSchedule', 'shop', ({ status: seen }) => seen?.lastProvenBackup !== undefined || seen?.lastDrillResult === 'Failed' || seen?.lastDrillResult === 'Error');
    expect(status).toMatchObject({ lastDrillResult: 'Passed', lastProvenBackup: status?.lastSuccessfulBackup });
    await eventually('Backup', status?.lastProvenBackup ?? '', ({ status: seen }) => seen?.proven === true);
  });

  it('restores the latest into a place that is free, and refuses one that is not, at once', async () => {
    const spec = { repositoryRef: { name: 'main' }, sourceName: 'shop', target: source.target };
    await cluster.create('Restore', 'first', spec);
    const first = await eventually('Restore', 'first', hasEnded);
    expect(first.status).toMatchObject({ phase: 'Succeeded' });
    expect(await source.restoredRows()).toBe(rows);

    await cluster.create('Restore', 'second', spec);
    const second = await eventually('Restore', 'second', hasEnded);
    expect(second.status).toMatchObject({ phase: 'Failed', failure: { exitCode: 7 } });
    const pods = (await cluster.list('Pod')).filter(({ metadata }) => metadata.labels?.['job-name'] === 'restore-second');
    expect(pods).toHaveLength(1);
  });

  it('backs up on request, forgets by retention, and forgets for good what its resource says so of', async () => {
    await cluster.create('Backup', 'by-hand', { scheduleRef: { name: 'shop' }, deletionPolicy: 'Delete' });
    const byHand = await eventually('Backup', 'by-hand', hasEnded);
    expect(byHand.status?.phase).toBe('Succeeded');
    await cluster.delete('Backup', 'by-hand');
    const forgotten = await eventually('Job', `forget-by-hand-${byHand.status?.backupId?.slice(-6)}`, ({ status }) => status?.succeeded === 1);
    expect(forgotten.metadata.ownerReferences?.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['BackupRepository main']);

    moveToHour(4);
    await eventually('BackupSchedule', 'shop', ({ status }) => status?.lastRetentionTime !== undefined);
    await eventually('BackupSchedule', 'shop', ({ status }) => status?.retainedBackups === 1);
    expect((await cluster.list('Backup')).map(({ metadata }) => metadata.annotations?.['holdfast.dev/origin'])).toEqual(['schedule']);
  });
});

function s3Place(): object {
  return { bucket: service('TEST_S3_BUCKET'), prefix: `path-${randomBytes(6).toString('hex')}`, endpoint: service('TEST_S3_ENDPOINT'), region: service('TEST_S3_REGION'), pathStyle: true, credentialsSecret: { name: 's3' } };
}

async function createSqlite(folder: string): Promise<Source> {
  await mkdir(join(folder, 'app'), { recursive: true });
  const database = new DatabaseSync(join(folder, 'app', 'shop.sqlite'));
  database.exec(`PRAGMA journal_mode = wal; CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) INSERT INTO items SELECT i, 'item ' || i FROM n;`);
  database.close();
  return {
    field: { sqlite: { claimName: 'data', path: 'app/shop.sqlite' } },
    target: { sqlite: { claimName: 'data', path: 'restored.sqlite' } },
    restoredRows: async () => {
      const restored = new DatabaseSync(join(folder, 'restored.sqlite'), { readOnly: true });
      const { count } = restored.prepare('SELECT count(*) AS count FROM items').get() as { count: number };
      restored.close();
      return count;
    },
    remove: async () => {},
  };
}

async function createPostgres(): Promise<{ readonly source: TestDatabase; readonly targetUrl: string; readonly asSource: Source }> {
  const source = await createDatabase(service('TEST_DATABASE_URL'));
  await query(source.url, `CREATE TABLE items (id int PRIMARY KEY, name text); INSERT INTO items SELECT i, 'item ' || i FROM generate_series(1, ${rows}) i`);
  const target = new URL(source.url);
  target.pathname = `${source.name}_restored`;
  return {
    source,
    targetUrl: target.href,
    asSource: {
      field: { postgres: { addressSecret: { name: 'database' } } },
      target: { postgres: { addressSecret: { name: 'target' } } },
      restoredRows: async () => Number((await query(target.href, 'SELECT count(*) AS count FROM items'))[0]?.['count']),
      remove: async () => {
        await query(service('TEST_DATABASE_URL'), `DROP DATABASE IF EXISTS ${source.name}_restored WITH (FORCE)`);
        await source.drop();
      },
    },
  };
}
