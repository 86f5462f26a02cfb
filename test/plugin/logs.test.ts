import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { resource, scheduleSpec } from '../api/cluster/cluster-service.ts';
import { until } from '../support/until.ts';
import { openTerminal, type Terminal } from './kubectl.ts';

const pod = (name: string, job: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'shop', name, labels: { 'batch.kubernetes.io/job-name': job } },
  spec: { containers: [{ name: 'backup', image: 'holdfast-job' }] },
});

describe('kubectl holdfast logs', () => {
  let terminal: Terminal;
  beforeAll(async () => {
    terminal = await openTerminal({
      objects: [
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
        resource('BackupSchedule', 'shop', 'orders', scheduleSpec),
        ...['one', 'pending'].map((name) => resource('Backup', 'shop', name, { scheduleRef: { name: 'orders' } })),
        pod('backup-one-x7k2m', 'backup-one'),
        pod('another', 'backup-another'),
      ],
      access: { stranger: [{ apiGroups: ['holdfast.dev'], resources: ['backups'], verbs: ['get'] }] },
    });
    await terminal.administrator.applyStatus('Backup', { metadata: { namespace: 'shop', name: 'one' }, status: { phase: 'Running', jobName: 'backup-one' } }, { signal: AbortSignal.timeout(10_000) });
    terminal.apiServer.logs.add('shop/backup-one-x7k2m', '{"msg":"reading"}\n');
    terminal.apiServer.logs.add('shop/another', 'of somebody else\n');
  });
  afterAll(async () => {
    await terminal.close();
  });

  it('prints what the pod of a run has said', async () => {
    expect(await terminal.run(['logs', 'backup/one'])).toEqual({ code: 0, stdout: '{"msg":"reading"}\n', stderr: '' });
  });

  it('follows it to its end', async () => {
    const following = terminal.run(['logs', 'backup/one', '--follow']);
    await until(() => terminal.apiServer.requests({ resource: 'pods', subresource: 'log' }).length > 1);
    terminal.apiServer.logs.add('shop/backup-one-x7k2m', '{"msg":"done"}\n');
    terminal.apiServer.logs.end('shop/backup-one-x7k2m');
    expect(await following).toEqual({ code: 0, stdout: '{"msg":"reading"}\n{"msg":"done"}\n', stderr: '' });
  });

  it('says so where there is no pod, and what a reference looks like', async () => {
    const pending = await terminal.run(['logs', 'backup/pending']);
    expect([pending.code, pending.stderr]).toEqual([75, expect.stringContaining('RUN_HAS_NO_JOB: backup/pending')]);
    expect((await terminal.run(['logs', 'orders'])).code).toBe(2);
    expect((await terminal.run(['logs', 'backup/nothing'])).code).toBe(6);
  });

  it('needs the right to read pods and their logs', async () => {
    const refused = await terminal.run(['logs', 'backup/one'], { user: 'stranger' });
    expect([refused.code, refused.stderr]).toEqual([7, expect.stringContaining('CLUSTER_FORBIDDEN')]);
  });
});
