import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunKind } from '../../src/plugin/wait-for-run.ts';
import { mayRequest, mayView, repositorySpec, resource, scheduleSpec } from '../api/cluster/cluster-service.ts';
import { openTerminal, type Ran, type Terminal } from './kubectl.ts';

const waiting = { signal: new AbortController().signal };
const ago = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');
const later = (hours: number): string => ago(-hours);

const objects = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'stock' } },
  resource('BackupRepository', 'shop', 'main', repositorySpec),
  resource('BackupSchedule', 'shop', 'orders', { ...scheduleSpec, drill: { schedule: 'H 4 * * 0', assertionsConfigMap: { name: 'facts' } } }),
  resource('BackupSchedule', 'shop', 'notes', { repositoryRef: { name: 'main' }, source: { sqlite: { claimName: 'data', path: 'notes.sqlite' } }, sourceName: 'notebook', schedule: 'H 3 * * *', suspend: true }),
  resource('BackupSchedule', 'stock', 'stock', scheduleSpec),
  resource('Backup', 'shop', 'orders-1', { scheduleRef: { name: 'orders' } }),
  resource('Backup', 'shop', 'orders-2', { scheduleRef: { name: 'orders' } }),
  resource('Drill', 'shop', 'orders-drill', { scheduleRef: { name: 'orders' } }),
];

describe('kubectl holdfast', () => {
  let terminal: Terminal;
  beforeAll(async () => {
    terminal = await openTerminal({ objects, access: { viewer: [mayView(['shop'])], operator: [mayView(['shop']), mayRequest(['shop'])] } });
    const { administrator } = terminal;
    const status = async (kind: 'BackupRepository' | 'BackupSchedule' | RunKind, name: string, facts: object): Promise<void> => {
      await administrator.applyStatus(kind, { metadata: { namespace: 'shop', name }, status: facts }, waiting);
    };
    const ready = (holds: 'True' | 'False') => [{ type: 'Ready', status: holds, reason: 'Seen', message: '', lastTransitionTime: ago(1) }];
    await status('BackupRepository', 'main', { conditions: ready('True'), freeBytes: 5 * 1024 ** 3 });
    await status('BackupSchedule', 'orders', { lastSuccessTime: ago(3), lastProvenTime: ago(50), nextDueTime: later(21), retainedBackups: 14, consecutiveFailures: 0, lastDrillResult: 'Passed', conditions: ready('True') });
    await status('BackupSchedule', 'notes', { consecutiveFailures: 2 });
    await status('Backup', 'orders-1', { phase: 'Failed', startedAt: ago(27), finishedAt: ago(26), failure: { code: 'STORE_UNREACHABLE', message: 'no answer', exitCode: 4 } });
    await status('Backup', 'orders-2', { phase: 'Succeeded', startedAt: ago(4), finishedAt: ago(3), rawBytes: 3 * 1024 ** 2, proven: true });
    await status('Drill', 'orders-drill', { phase: 'Succeeded', result: 'Passed', startedAt: ago(50), finishedAt: ago(49) });
  });
  afterAll(async () => {
    await terminal.close();
  });

  const run = async (words: string, options?: Parameters<Terminal['run']>[1]): Promise<Ran> => terminal.run(words.split(' '), options);
  const only = async <Kind extends RunKind>(kind: Kind, name: string) => terminal.administrator.get(kind, { namespace: 'shop', name }, waiting);

  /** Until the plugin has asked for a run so many times; the test's own limit ends it. */
  const looked = async (name: string, times: number): Promise<void> => {
    while (terminal.apiServer.requests({ verb: 'get', name }).length < times) await sleep(20);
  };

  /** Ends the run of a name as the controller would, once it was asked for. */
  const finish = async (kind: RunKind, name: string, status: object): Promise<void> => {
    await looked(name, 1);
    await terminal.administrator.applyStatus(kind, { metadata: { namespace: 'shop', name }, status: { phase: 'Running', startedAt: ago(0) } }, waiting);
    await looked(name, terminal.apiServer.requests({ verb: 'get', name }).length + 1);
    await terminal.administrator.applyStatus(kind, { metadata: { namespace: 'shop', name }, status }, waiting);
  };

  it('says in a table whether all is safe, and what is not', async () => {
    const { code, stdout, stderr } = await run('status');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^SCHEDULE +SOURCE +LAST SUCCESS +LAST PROVEN +NEXT +BACKUPS +STATE$/m);
    expect(stdout).toMatch(/^orders +orders +3 h \d min ago +2 d ago +in 20 h \d\d min +14 +ok$/m);
    expect(stdout).toMatch(/^notes +notebook .*suspended, no backup yet, 2 failed in a row$/m);
    expect(stdout).toMatch(/^main +yes +5\.0 GiB$/m);
  });

  it('tells of one schedule and its last runs', async () => {
    const { stdout } = await run('status orders');
    expect(stdout).toMatch(/^backup\/orders-2 +Succeeded +4 h \d min ago +1 h 0 min +3\.0 MiB +proven$/m);
    expect(stdout).toMatch(/^backup\/orders-1 +Failed +27 h \d min ago +1 h 0 min +STORE_UNREACHABLE$/m);
    expect(stdout).toMatch(/^drill\/orders-drill +Succeeded .*Passed$/m);
  });

  it('tells programs the same as JSON', async () => {
    const { stdout } = await run('status --json');
    expect(JSON.parse(stdout)).toMatchObject({ schedules: [{ name: 'notes', concerns: ['suspended', 'never-succeeded', 'failing'] }, { name: 'orders', concerns: [] }], repositories: [{ name: 'main', ready: true }] });
  });

  it('shows all namespaces to who may see them, and says to others what they lack', async () => {
    expect((await run('status -A')).stdout).toMatch(/^stock +stock +stock .*no backup yet$/m);
    const refused = await run('status --all-namespaces', { user: 'viewer' });
    expect([refused.code, refused.stderr]).toEqual([7, expect.stringContaining('CLUSTER_FORBIDDEN')]);
  });

  it('speaks Chinese where the locale does', async () => {
    const { stdout } = await run('status', { environment: { LANG: 'zh_CN.UTF-8' } });
    expect(stdout).toMatch(/^计划 +来源 +最近成功/m);
    expect(stdout).toContain('已暂停');
    expect((await run('restore --help', { environment: { LANG: 'zh_CN.UTF-8' } })).stdout).toContain('用法：');
  });

  it('asks for a backup and goes', async () => {
    const { code, stdout } = await run('backup orders', { user: 'operator' });
    const [, name = ''] = /^backup\/(orders-\d{14}-\w{4}) was requested in shop\./.exec(stdout) ?? [];
    expect([code, (await only('Backup', name)).spec]).toMatchObject([0, { scheduleRef: { name: 'orders' } }]);
  });

  it('waits for a backup, and says what it came to', async () => {
    const [ran] = await Promise.all([
      run('backup orders --name awaited --wait'),
      finish('Backup', 'awaited', { phase: 'Succeeded', backupId: '20260116T020000Z-abcdef', rawBytes: 2 * 1024 ** 2, newBytes: 1024 }),
    ]);
    expect(ran).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^backup\/awaited was requested.*\nBacked up: 20260116T020000Z-abcdef, 2\.0 MiB, of which 1\.0 KiB new in the repository\.\n$/),
      stderr: 'backup/awaited: waits for its pod\nbackup/awaited: runs\n',
    });
  });

  it('ends with the exit code of a run that failed, and its words', async () => {
    const failure = { code: 'SOURCE_UNREACHABLE', message: 'The database does not answer', hint: 'Look whether it is up.', exitCode: 3 };
    const [ran] = await Promise.all([run('backup orders --name doomed --wait --json'), finish('Backup', 'doomed', { phase: 'Failed', failure })]);
    expect([ran.code, JSON.parse(ran.stdout)]).toMatchObject([3, { name: 'doomed', phase: 'Failed', failure }]);
    expect(ran.stderr).toContain('backup/doomed failed: SOURCE_UNREACHABLE: The database does not answer\n  Look whether it is up.\n');
  });

  it('goes on waiting while the API server is away, and stops when it is to', async () => {
    terminal.apiServer.fail({ verb: 'get', name: 'patient' }, 'cut', { times: 2 });
    const ran = await run('backup orders --name patient --wait --timeout 4s');
    expect([ran.code, ran.stderr]).toEqual([75, expect.stringMatching(/does not answer; the run goes on[\s\S]*waits for its pod[\s\S]*WAIT_TIMED_OUT: backup\/patient was not over after 4\.0 s/)]);
  });

  it('restores into the database that is named, and nowhere where none is', async () => {
    expect((await run('restore orders --name copy --to-secret copy-database:url --backup 20260116')).code).toBe(0);
    expect((await only('Restore', 'copy')).spec).toEqual({
      repositoryRef: { name: 'main' }, sourceName: 'orders', backup: '20260116', mode: 'New', onMissing: 'Fail', target: { postgres: { addressSecret: { name: 'copy-database', key: 'url' } } },
    });
    const missing = await run('restore orders');
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('RESTORE_TARGET_MISSING')]);
  });

  it('puts a backup in the place of its source only when told to', async () => {
    await run('restore notes --name swapped --swap --skip-owners');
    expect((await only('Restore', 'swapped')).spec).toMatchObject({ sourceName: 'notebook', mode: 'Swap', skipOwners: true, target: { sqlite: { claimName: 'data', path: 'notes.sqlite' } } });
    expect((await run('restore notes --swap --overwrite')).code).toBe(2);
  });

  it('drills with the assertions of the schedule, and tells what was proven', async () => {
    const [ran] = await Promise.all([
      run('drill orders --name proof -w'),
      finish('Drill', 'proof', { phase: 'Succeeded', result: 'Passed', backupId: '20260116T020000Z-abcdef', restoreMs: 42_000, ageMs: 7_200_000 }),
    ]);
    expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining('Proven: 20260116T020000Z-abcdef is equal to what was backed up. Restored in 42 s, from a state 2 h 0 min old.')]);
    expect((await only('Drill', 'proof')).spec).toEqual({ scheduleRef: { name: 'orders' }, backup: 'latest', assertionsConfigMap: { name: 'facts', key: 'assertions.sql' } });
  });

  it('leaves to the cluster who may do what, and makes nothing for what is not there', async () => {
    const refused = await run('backup orders', { user: 'viewer' });
    expect([refused.code, refused.stderr]).toEqual([7, expect.stringContaining('CLUSTER_FORBIDDEN: Not allowed to create Backup')]);
    const unknown = await run('backup nothing');
    expect([unknown.code, unknown.stderr]).toEqual([6, expect.stringContaining('OBJECT_NOT_FOUND')]);
  });

  it('refuses a command line that is wrong, and says what is', async () => {
    expect((await run('bakcup orders')).stderr).toContain('there is no command bakcup');
    expect((await run('backup')).stderr).toContain('<schedule> is missing');
    expect((await run('backup orders notes')).stderr).toContain('notes is one word too many');
    expect((await run('backup orders --shedule x')).code).toBe(2);
  });
});
