import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { initJobOf } from '../../src/controller/pods/jobs.ts';
import { type Client, createClient } from '../../src/kubernetes/client.ts';
import { connect, type Connection } from '../../src/kubernetes/connect.ts';
import type { Job, Pod } from '../../src/kubernetes/objects.ts';
import { podSettings, resourceOf } from '../controller/pods/resources.ts';
import { type ApiServer, startApiServer } from '../support/api-server/start.ts';
import { type Node, startNode } from '../support/kubelet/node.ts';
import { untilGiven } from '../support/until.ts';

const namespace = 'team';
const { signal } = new AbortController();

/** What a Job runs; the quickest command where nothing is said. */
const spec = (args: readonly string[] = ['init', '--if-missing', '--no-encryption'], changes: object = {}, claimName = 'backups') => {
  const made = initJobOf(resourceOf('BackupRepository', 'main', { volume: { claimName }, encryption: 'none' }), podSettings).spec;
  const [container] = made?.template.spec?.containers ?? [];
  return { ...made, ...changes, template: { ...made?.template, spec: { ...made?.template.spec, containers: [{ ...container, args }] } } };
};

const endOf = ({ status }: Job): string => status?.conditions?.map(({ type, reason }) => `${type} ${reason}`).at(-1) ?? '';
const see = <Value>(what: string, ask: () => Promise<Value | undefined>): Promise<Value> => untilGiven(ask, { withinMs: 40_000, what });

describe('a node of the tests', () => {
  let server: ApiServer;
  let connection: Connection;
  let client: Client;
  let folder: string;
  let node: Node;
  let aheadMs = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-node-'));
    await chmod(folder, 0o755);
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'backups', namespace }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } };
    server = await startApiServer({ objects: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, claim] });
    connection = connect({ environment: {}, kubeconfig: await server.kubeConfigFile(), userAgent: 'test' });
    client = createClient({ connection, fieldManager: 'test' });
  });
  afterAll(async () => {
    await connection.close();
    await server.stop();
    await rm(folder, { recursive: true });
  });

  beforeEach(async () => {
    aheadMs = 0;
    node = startNode({ kubeconfig: await server.kubeConfigFile(), folder, now: () => new Date(Date.now() + aheadMs), retryDelayMs: 100 });
  });
  afterEach(() => node.stop());

  const create = (name: string, jobSpec: object) => client.create('Job', { metadata: { name, namespace }, spec: jobSpec }, { signal });
  const podsOf = async (job: string): Promise<Pod[]> => Array.fromAsync(client.list('Pod', { namespace, labelSelector: `job-name=${job}` }, { signal }));
  const ended = (name: string): Promise<Job> =>
    see(`${name} to end`, async () => {
      const job = await client.get('Job', { namespace, name }, { signal });
      return job.status?.conditions?.some(({ type }) => type === 'Complete' || type === 'Failed') ? job : undefined;
    });
  const running = (job: string): Promise<Pod> => see(`a running pod of ${job}`, async () => (await podsOf(job)).find(({ status }) => status?.phase === 'Running'));

  it('runs the command as 65532, with a result in the pod', async () => {
    await create('once', spec());
    expect(endOf(await ended('once'))).toBe('Complete CompletionsReached');
    const [pod] = await podsOf('once');
    const terminated = pod?.status?.containerStatuses?.[0]?.state?.terminated;
    expect(terminated?.exitCode).toBe(0);
    expect(JSON.parse(terminated?.message ?? '')).toMatchObject({ ok: true, command: 'init', repository: 'file:///repository' });
  });

  it('gives the command a read-only root: what it writes beside its volumes fails', async () => {
    await create('writes', spec(['keygen', '--directory', '/app/keys']));
    expect(endOf(await ended('writes'))).toBe('Failed PodFailurePolicy');
    const [pod] = await podsOf('writes');
    expect(JSON.parse(pod?.status?.containerStatuses?.[0]?.state?.terminated?.message ?? '')).toMatchObject({ error: { code: 'KEY_FILE_UNWRITABLE' } });
  });

  it('tries again what a retry may help, as often as the Job says', async () => {
    await create('retried', spec(['init', '--check', '--no-encryption'], { backoffLimit: 1 }, 'empty'));
    const waiting = await see('a pod that cannot start', async () => (await podsOf('retried')).find(({ status }) => status?.containerStatuses?.[0]?.state?.waiting));
    expect(waiting.status?.containerStatuses?.[0]?.state?.waiting?.message).toContain('"empty" not found');
    await client.create('PersistentVolumeClaim', { metadata: { name: 'empty', namespace }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }, { signal });
    expect(endOf(await ended('retried'))).toBe('Failed BackoffLimitExceeded');
    expect((await podsOf('retried')).map(({ status }) => status?.containerStatuses?.[0]?.state?.terminated?.exitCode)).toEqual([4, 4]);
  });

  it('does not count a pod that was evicted', async () => {
    await create('evicted', spec(undefined, { backoffLimit: 0 }));
    const pod = await running('evicted');
    node.evict(pod);
    expect(endOf(await ended('evicted'))).toBe('Complete CompletionsReached');
    expect(await podsOf('evicted')).toHaveLength(2);
  });

  it('ends a Job that takes too long, and runs none that is suspended', async () => {
    await create('late', spec(undefined, { activeDeadlineSeconds: 600 }));
    await create('suspended', spec(undefined, { suspend: true }));
    await running('late');
    aheadMs = 601_000;
    expect(endOf(await ended('late'))).toBe('Failed DeadlineExceeded');
    expect(await podsOf('suspended')).toEqual([]);
    await client.patch('Job', { namespace, name: 'suspended' }, { spec: { suspend: false } }, { signal });
    expect(endOf(await ended('suspended'))).toBe('Complete CompletionsReached');
  });

  it('starts what a CronJob has due once, and not beside one that runs', async () => {
    const cronJob = { schedule: '0 * * * *', timeZone: 'Etc/UTC', concurrencyPolicy: 'Forbid', startingDeadlineSeconds: 3600, successfulJobsHistoryLimit: 1, jobTemplate: { spec: spec() } };
    await client.create('CronJob', { metadata: { name: 'hourly', namespace }, spec: cronJob }, { signal });
    const jobs = async (): Promise<Job[]> => (await Array.fromAsync(client.list('Job', { namespace }, { signal }))).filter(({ metadata }) => metadata.name.startsWith('hourly-'));
    aheadMs = 3_600_000;
    const [first] = await see('the first Job', async () => ((await jobs()).length > 0 ? jobs() : undefined));
    await running(first?.metadata.name ?? '');
    aheadMs = 7_200_000;
    await ended(first?.metadata.name ?? '');
    const next = await see('the next Job', async () => (await jobs()).find(({ metadata }) => metadata.name !== first?.metadata.name));
    expect(endOf(await ended(next.metadata.name))).toBe('Complete CompletionsReached');
    await see('the older Job to leave', async () => ((await jobs()).length === 1 ? true : undefined));
  });
});
