import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { type RunningController, startCluster, startController } from '../controller/controller-under-test.ts';
import { beside, dropDatabasesLike } from '../jobs/engines/postgres/fixture.ts';
import { holdfastJson, holdfastShellWord } from '../jobs/holdfast.ts';
import { createDatabase, query, service } from '../services/database.ts';
import type { ApiServer } from '../support/api-server/start.ts';
import { type Node, startNode } from '../support/kubelet/node.ts';
import { commandsOf, inlineCommandOf, openShell, type Shell } from './shell.ts';

const pagePath = join(import.meta.dirname, '../../docs/kubernetes/restore-at-three.md');
const orders = 500;

/** What the page's examples stand for here. */
const onPage = {
  copy: ['postgres://admin:…@shop-db.shop.svc/shop_copy', 'postgres://admin@shop-db.shop.svc/shop_copy'],
  backup: '20260116T180445Z',
  run: 'restore/NAME',
} as const;

const secret = (namespace: string, name: string, data: Record<string, string>): object => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])) });

const repository = (namespace: string, prefix: string, spec: object = {}): object => ({
  apiVersion: 'holdfast.dev/v1alpha1',
  kind: 'BackupRepository',
  metadata: { name: 'main', namespace },
  spec: {
    s3: { bucket: service('TEST_S3_BUCKET'), prefix, endpoint: service('TEST_S3_ENDPOINT'), region: service('TEST_S3_REGION'), pathStyle: true, credentialsSecret: { name: 's3' } },
    keysSecret: { name: 'holdfast-keys' },
    identitySecret: { name: 'holdfast-identity' },
    ...spec,
  },
});

/** Never due while the test runs. */
const schedule = (namespace: string, source: object): object => ({ apiVersion: 'holdfast.dev/v1alpha1', kind: 'BackupSchedule', metadata: { name: 'shop', namespace }, spec: { repositoryRef: { name: 'main' }, source, schedule: '0 0 29 2 *' } });
const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'shop-data', namespace: 'files' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } };
const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'shop', namespace: 'shop' }, spec: { replicas: 2, selector: { matchLabels: { app: 'shop' } }, template: { metadata: { labels: { app: 'shop' } }, spec: { containers: [{ name: 'shop', image: 'shop' }] } } } };

describe('docs/kubernetes/restore-at-three.md, played as it is written,', () => {
  let page: string;
  let folder: string;
  let database: { readonly url: string; readonly name: string };
  let server: ApiServer;
  let node: Node;
  let controller: RunningController;
  let shell: Shell;
  let good = '';

  const countIn = async (name: string): Promise<number> => Number((await query(beside(database.url, name), 'SELECT count(*) AS count FROM orders'))[0]?.['count']);
  const get = async (object: string, path: string): Promise<string> => shell.run(`kubectl get ${object} -o jsonpath='{${path}}'`);
  const apply = async (object: object): Promise<string> => shell.run(`kubectl apply -f - <<'EOF'\n${JSON.stringify(object)}\nEOF`);

  /** The kubelet would answer these itself. */
  const serveLogs = async (): Promise<void> => {
    for (const name of (await get('-n backups pods', '.items[*].metadata.name')).split(' ')) {
      server.logs.add(`backups/${name}`, await node.logOf(JSON.parse(await shell.run(`kubectl -n backups get pod ${name} -o json`))));
    }
  };

  /** Gives what each command printed; a run that one makes is what the next ones name. */
  const play = async (heading: string): Promise<string[]> => {
    const printed: string[] = [];
    let run = '';
    for (const command of commandsOf(page, heading)) {
      if (command.includes('kubectl holdfast logs')) await serveLogs();
      const real = onPage.copy.reduce((line, address) => line.replace(address, beside(database.url, `${database.name}_copy`)), command);
      const output = await shell.run(real.replace(onPage.backup, good.slice(0, onPage.backup.length)).replace(onPage.run, run));
      run = /^(restore\/\S+) was requested/m.exec(output)?.[1] ?? run;
      printed.push(output);
    }
    return printed;
  };

  beforeAll(async () => {
    page = await readFile(pagePath, 'utf8');
    folder = await mkdtemp(join(tmpdir(), 'holdfast-node-'));
    await chmod(folder, 0o755);
    await holdfastJson(['keygen', '--directory', join(folder, 'keys')]);
    database = await createDatabase(service('TEST_DATABASE_URL'));
    await query(database.url, `CREATE TABLE orders (id int PRIMARY KEY, created_at timestamptz NOT NULL);
      INSERT INTO orders SELECT i, timestamptz '2026-01-16 18:00:00Z' - i * interval '1 minute' FROM generate_series(1, ${orders}) i`);

    const key = async (name: string): Promise<string> => readFile(join(folder, 'keys', name), 'utf8');
    const keys = { 'repository.key': await key('repository.key'), 'recipients.txt': await key('recipients.txt') };
    const identity = { 'identity.txt': await key('identity.txt') };
    const credentials = `[default]\naws_access_key_id = ${service('TEST_S3_ACCESS_KEY_ID')}\naws_secret_access_key = ${service('TEST_S3_SECRET_ACCESS_KEY')}\n`;
    const inNamespace = (name: string): object[] => [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
      secret(name, 'holdfast-keys', keys),
      secret(name, 'holdfast-identity', identity),
      secret(name, 's3', { credentials }),
    ];
    server = await startCluster([...inNamespace('backups'), ...inNamespace('elsewhere'), ...inNamespace('files'), claim, secret('backups', 'shop-database', { address: database.url }), deployment]);
    node = startNode({ kubeconfig: await server.kubeConfigFile(), folder, retryDelayMs: 100 });
    controller = await startController(server);
    shell = await openShell({ kubeconfig: await server.kubeConfigFile() });

    await apply(repository('backups', database.name));
    await apply(schedule('backups', { postgres: { addressSecret: { name: 'shop-database' } } }));
    await shell.run('kubectl holdfast backup shop -n backups --wait');
    await query(database.url, 'DELETE FROM orders WHERE id < 400');
    await shell.run('kubectl holdfast backup shop -n backups --wait');
  });

  afterAll(async () => {
    await shell.close();
    await controller.stop();
    await node.stop();
    await server.stop();
    await dropDatabasesLike(service('TEST_DATABASE_URL'), database.name);
    await rm(folder, { recursive: true });
  });

  it('stops the application and the schedule', async () => {
    await play('1. Stop');
    expect(await get('-n shop deployment/shop', '.spec.replicas')).toBe('0');
    expect(await get('-n backups backupschedule/shop', '.spec.suspend')).toBe('true');
  });

  it('shows the backups in the order of their states', async () => {
    const [status, list = ''] = await play('2. Choose');
    expect(status).toMatch(/^shop .*suspended/m);
    const [heading, ...lines] = list.trim().split('\n').map((line) => line.split(/\s+/));
    expect(heading).toEqual(['ID', 'STATE', 'BYTES', 'PROVEN', 'SUSPICIOUS', 'FORGOTTEN']);
    expect(lines).toHaveLength(2);
    const [before, after] = lines;
    expect(Date.parse(before?.[1] ?? '')).toBeLessThan(Date.parse(after?.[1] ?? ''));
    good = before?.[0] ?? '';
  });

  it('restores the chosen one beside, to be looked at', async () => {
    const printed = await play('3. Restore beside');
    expect(printed.at(-2)).toContain(`Restored: ${good}`);
    expect(printed.at(-1)).toContain('2026-01-16 17:59:00');
    expect(await countIn(`${database.name}_copy`)).toBe(orders);
    expect(await countIn(database.name)).toBeLessThan(orders);
  });

  it('puts it in the place of the old one, whose sessions it ends and whose name it logs', async () => {
    const session = new Client({ connectionString: database.url });
    session.on('error', () => {}); // Its last words: it was ended.
    const sessionEnded = new Promise((resolve) => { session.once('end', resolve); });
    await session.connect();
    const [, log = ''] = await play('4. Put it');
    await sessionEnded;
    const [old = ''] = new RegExp(`${database.name}_before_\\w+`).exec(log) ?? [];
    expect(await countIn(database.name)).toBe(orders);
    expect(await countIn(old)).toBe(101);
  });

  it('shows the pods of restores, and from another machine what the repository holds', async () => {
    expect(await shell.run(inlineCommandOf(page, 'kubectl -n backups describe pods'))).toMatch(/^Name: +restore-shop-/m);
    const list = inlineCommandOf(page, 'npx holdfast list').replace('npx holdfast', holdfastShellWord).replace('s3://backups/shop', `s3://${service('TEST_S3_BUCKET')}/${database.name}`).replace('keys/', `${folder}/keys/`);
    const settings = { HOLDFAST_S3_ENDPOINT: service('TEST_S3_ENDPOINT'), HOLDFAST_S3_REGION: service('TEST_S3_REGION'), HOLDFAST_S3_PATH_STYLE: 'true', AWS_ACCESS_KEY_ID: service('TEST_S3_ACCESS_KEY_ID'), AWS_SECRET_ACCESS_KEY: service('TEST_S3_SECRET_ACCESS_KEY') };
    expect(await shell.run(list, settings)).toContain(good);
  });

  it('goes on, and proves the next backup', async () => {
    const printed = await play('5. Go on');
    expect(await get('-n shop deployment/shop', '.spec.replicas')).toBe('2');
    expect(await get('-n backups backupschedule/shop', '.spec.suspend')).toBe('false');
    expect(printed.slice(-2)).toEqual([expect.stringContaining('Backed up: '), expect.stringContaining('Proven: ')]);
  });

  it('restores where the resources are gone, from the bucket and the keys alone', async () => {
    await apply(repository('elsewhere', database.name, { initialize: false }));
    await apply(secret('elsewhere', 'shop-copy', { address: beside(database.url, `${database.name}_anew`) }));
    const [, restore = ''] = /^```yaml\n([^]*?)^```$/m.exec(page) ?? [];
    await shell.run(`kubectl apply -f - <<'EOF'\n${restore.replace('namespace: backups', 'namespace: elsewhere')}\nEOF`);
    await shell.run("kubectl -n elsewhere wait restore/shop-after-the-fire --for=jsonpath='{.status.phase}'=Succeeded --timeout=100s");
    expect(await countIn(`${database.name}_anew`)).toBe(orders);
  });

  it('restores SQLite by the options that it names', async () => {
    const data = node.claimFolder('files', 'shop-data');
    await mkdir(data, { recursive: true });
    const inFile = (name: string, sql: string): unknown => {
      const file = new DatabaseSync(join(data, name));
      try {
        return file.prepare(sql).get()?.['count'];
      } finally {
        file.close();
      }
    };
    inFile('shop.sqlite', `CREATE TABLE orders AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${orders}) SELECT i FROM n`);
    await apply(repository('files', `${database.name}-files`));
    await apply(schedule('files', { sqlite: { claimName: 'shop-data', path: 'shop.sqlite' } }));
    await shell.run('kubectl holdfast backup shop -n files --wait');
    inFile('shop.sqlite', 'DELETE FROM orders WHERE i < 400');

    const options = inlineCommandOf(page, '--to-claim');
    const restores = ['3. Restore beside', '4. Put it'].flatMap((heading) => commandsOf(page, heading)).filter((command) => command.startsWith('kubectl holdfast restore'));
    for (const command of restores) await shell.run(command.replace('-n backups', '-n files').replace(onPage.backup, 'latest').replace('--to-secret shop-copy', options));
    expect(restores).toHaveLength(2);
    expect(['copy.sqlite', 'shop.sqlite'].map((name) => inFile(name, 'SELECT count(*) AS count FROM orders'))).toEqual([orders, orders]);
  });
});
