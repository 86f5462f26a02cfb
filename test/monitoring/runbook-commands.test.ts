import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cronJobsOfRepository, cronJobsOfSchedule } from '../../src/controller/pods/cron-jobs.ts';
import { createClient } from '../../src/kubernetes/client.ts';
import { connect } from '../../src/kubernetes/connect.ts';
import { definitions } from '../../src/kubernetes/resources/definitions.ts';
import { apiVersion } from '../../src/kubernetes/resources/names.ts';
import { type ApiServer, startApiServer } from '../support/api-server/start.ts';
import { kubernetesPrograms } from '../support/kubernetes-programs.ts';

const pages = globSync(join(import.meta.dirname, '../../docs/runbooks/*.md')).toSorted();

/** What changes something or picks a field, at once: nothing that waits for pods, or that a person has to put a name into. */
const isTried = (command: string): boolean => /^kubectl -n shop (?:patch|create|get .* -o )/.test(command) && !command.includes('<');

/** The commands of a page's blocks, without comments. */
function commandsOf(page: string): string[] {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => block.replaceAll(/\\\n\s*/g, ''));
  return blocks.flatMap((block) => block.split('\n')).map((line) => line.replace(/\s+# .*$/, '').replace('<claim>', 'backups')).filter(isTried);
}

/** kubectl makes a Job of a CronJob in protobuf, which the API server's double does not speak: made as JSON, and then created. */
function inJson(command: string): string {
  return command.replace(/ --from=\S+$/, '$& --dry-run=client -o json | kubectl create -f -');
}

let apiServer: ApiServer;
let run: (command: string) => Promise<string>;

beforeAll(async () => {
  apiServer = await startApiServer({ objects: [...definitions(), { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }] });
  const [{ kubectl }, kubeConfig] = await Promise.all([kubernetesPrograms(), apiServer.kubeConfigFile()]);
  const environment = { PATH: `${dirname(kubectl)}:${process.env['PATH'] ?? ''}`, KUBECONFIG: kubeConfig, HOME: dirname(kubeConfig) };
  run = async (command) => (await promisify(execFile)('bash', ['-c', `set -euo pipefail; ${command}`], { env: environment })).stdout;
  await seedSchedule();
}, 60_000);
afterAll(async () => apiServer.stop());

/** The schedule `orders` with the repository `main` and their CronJobs, of which the pages tell. */
async function seedSchedule(): Promise<void> {
  const jobs = { schedule: 'H H * * *' };
  apiServer.seed([
    ours('BackupRepository', 'main', { volume: { claimName: 'backups' }, keysSecret: { name: 'keys' }, identitySecret: { name: 'identity' }, prune: jobs, verify: jobs }),
    ours('BackupSchedule', 'orders', { repositoryRef: { name: 'main' }, source: { postgres: { addressSecret: { name: 'orders' } } }, ...jobs, drill: jobs, retention: { keepDaily: 14 } }),
    { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { namespace: 'shop', name: 'backups' }, spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '100Gi' } } } },
  ]);
  const connection = connect({ environment: {}, userAgent: 'test', kubeconfig: await apiServer.kubeConfigFile() });
  const client = createClient({ connection, fieldManager: 'test' });
  const [signal, settings] = [AbortSignal.timeout(30_000), { image: 'holdfast-job:test', imagePullPolicy: 'IfNotPresent', version: 'test' } as const];
  const repository = await client.get('BackupRepository', { namespace: 'shop', name: 'main' }, { signal });
  const schedule = await client.get('BackupSchedule', { namespace: 'shop', name: 'orders' }, { signal });
  apiServer.seed([...cronJobsOfSchedule(schedule, repository, settings), ...cronJobsOfRepository(repository, settings)]);
  await connection.close();
}

function ours(kind: string, name: string, spec: object): object {
  return { apiVersion, kind, metadata: { namespace: 'shop', name }, spec };
}

describe('the commands of the runbooks', () => {
  it.each([...new Set(pages.flatMap(commandsOf))])('are taken by kubectl and the API server: %s', async (command) => {
    apiServer.forgetRequests();
    await run(inJson(command));
    expect(apiServer.requests().length).toBeGreaterThan(0);
    if (command.includes(' create ')) await run('kubectl -n shop delete jobs --all');
  });

  it('run a command of the job image in a Job that no CronJob owns, with its keys and its network', async () => {
    const [create = ''] = commandsOf(join(import.meta.dirname, '../../docs/runbooks/README.md'));
    await run(create);
    const { metadata, spec } = JSON.parse(await run('kubectl -n shop get job look -o json'));
    const { spec: cronJob } = JSON.parse(await run('kubectl -n shop get cronjob orders-backup -o json'));
    expect(metadata.ownerReferences).toBeUndefined();
    const [{ args, ...container }] = spec.template.spec.containers;
    const [{ args: ofBackup, ...asBackup }] = cronJob.jobTemplate.spec.template.spec.containers;
    expect([args, ofBackup]).toEqual([['list'], ['backup']]);
    expect(container).toEqual(asBackup);
    expect(spec.template.metadata.labels).toMatchObject(cronJob.jobTemplate.spec.template.metadata.labels);
  });
});
