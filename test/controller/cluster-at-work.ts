import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../src/kubernetes/client.ts';
import type { AnyKind, ObjectOf } from '../../src/kubernetes/objects.ts';
import { labels } from '../../src/kubernetes/resources/names.ts';

export const namespace = 'shop';
const { signal } = new AbortController();
const patienceMs = 20_000;

/** What a person and the rest of a cluster do: makes objects, starts Jobs of CronJobs, ends them as a kubelet would. */
export class ClusterAtWork {
  readonly client: Client;

  constructor(client: Client) {
    this.client = client;
  }

  async create<Kind extends AnyKind>(kind: Kind, name: string, spec: unknown, metadata: object = {}): Promise<ObjectOf<Kind>> {
    return this.client.create(kind, { metadata: { namespace, name, ...metadata }, spec }, { signal });
  }

  async find<Kind extends AnyKind>(kind: Kind, name: string): Promise<ObjectOf<Kind> | undefined> {
    return this.client.find(kind, { namespace, name }, { signal });
  }

  async patch(kind: AnyKind, name: string, patch: unknown): Promise<void> {
    await this.client.patch(kind, { namespace, name }, patch, { signal });
  }

  async delete(kind: AnyKind, name: string): Promise<void> {
    await this.client.delete(kind, { namespace, name }, { signal });
  }

  async list<Kind extends AnyKind>(kind: Kind): Promise<ObjectOf<Kind>[]> {
    return Array.fromAsync(this.client.list(kind, { namespace }, { signal }));
  }

  /** Waits until an object is there and as it should be. */
  async see<Kind extends AnyKind>(kind: Kind, name: string, isSo: (object: ObjectOf<Kind>) => boolean = () => true): Promise<ObjectOf<Kind>> {
    for (const deadline = Date.now() + patienceMs; ; await sleep(20)) {
      const object = await this.find(kind, name).catch(() => undefined);
      if (object && isSo(object)) return object;
      if (Date.now() > deadline) throw new Error(`${kind} ${name} never came to be so: ${JSON.stringify(object)}`);
    }
  }

  /** As the CronJob controller does when a run is due. */
  async startCronJob(name: string, dueAt = new Date()): Promise<string> {
    const cronJob = await this.see('CronJob', name);
    const job = `${name}-${Math.floor(dueAt.getTime() / 60_000)}`;
    const { jobTemplate } = cronJob.spec as { jobTemplate: { metadata: object; spec: object } };
    const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name, uid: cronJob.metadata.uid ?? '', controller: true };
    await this.create('Job', job, jobTemplate.spec, { ...jobTemplate.metadata, ownerReferences: [owner] });
    await this.client.patch('CronJob', { namespace, name }, { status: { lastScheduleTime: seconds(dueAt) } }, { signal, subresource: 'status' });
    return job;
  }

  /** Ends a Job with the last words of its pod. */
  async end(job: string, { result, exitCode = 0, at = new Date() }: { readonly result?: object; readonly exitCode?: number; readonly at?: Date }): Promise<void> {
    const { metadata } = await this.see('Job', job);
    const time = seconds(at);
    const terminated = { exitCode, finishedAt: time, startedAt: time, reason: exitCode === 0 ? 'Completed' : 'Error', ...(result && { message: JSON.stringify(result) }) };
    const owner = { apiVersion: 'batch/v1', kind: 'Job', name: job, uid: metadata.uid ?? '', controller: true };
    const pod = `${job.slice(0, 40)}-${randomUUID().slice(0, 8)}`;
    const container = { name: metadata.labels?.[labels.operation] ?? 'run', image: 'holdfast-job:test' };
    await this.create('Pod', pod, { containers: [container] }, { labels: { 'batch.kubernetes.io/controller-uid': metadata.uid ?? '' }, ownerReferences: [owner] });
    const containerStatus = { ...container, imageID: '', ready: false, restartCount: 0, state: { terminated } };
    await this.client.patch('Pod', { namespace, name: pod }, { status: { phase: exitCode === 0 ? 'Succeeded' : 'Failed', containerStatuses: [containerStatus] } }, { signal, subresource: 'status' });
    const condition = { type: exitCode === 0 ? 'Complete' : 'Failed', status: 'True', lastTransitionTime: time, ...(exitCode !== 0 && { reason: 'PodFailurePolicy', message: `exit code ${exitCode}` }) };
    await this.client.patch('Job', { namespace, name: job }, { status: { startTime: time, ...(exitCode === 0 && { completionTime: time }), conditions: [condition] } }, { signal, subresource: 'status' });
  }

  /** A repository that is there. */
  async makeRepository(name = 'main', spec: object = {}): Promise<void> {
    await this.create('BackupRepository', name, { volume: { claimName: 'backups' }, encryption: 'none', ...spec });
    await this.end(`${name}-init`, { result: { ok: true, command: 'init', id: 'repository-1' } });
    await this.see('BackupRepository', name, ({ status }) => status?.repositoryId === 'repository-1');
  }

  async makeSchedule(name = 'shop', spec: object = {}): Promise<void> {
    await this.create('BackupSchedule', name, { repositoryRef: { name: 'main' }, source: { sqlite: { claimName: 'data', path: 'shop.sqlite' } }, schedule: '0 2 * * *', ...spec });
  }
}

export function backupResult(id: string, changes: object = {}): object {
  return { ok: true, command: 'backup', id, source: 'shop', stateAt: '2026-01-16T18:04:45.000Z', sizes: { raw: 1_000, stored: 400, newStored: 100, tables: 3, rows: 30 }, ...changes };
}

export function seconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
