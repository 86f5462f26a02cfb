import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseCatalogAddress, type PostgresAddress } from '../../src/catalog/catalog-address.ts';
import { type Catalog, openCatalog } from '../../src/catalog/catalog.ts';
import { openPostgres } from '../../src/catalog/postgres-catalog.ts';
import { createDatabase, query, service, type TestDatabase } from '../services/database.ts';
import { startPostgres } from '../services/postgres.ts';
import { startDaemon } from '../services/service.ts';
import { unprivilegedUser } from '../services/unprivileged-user.ts';
import { captureLog } from '../support/captured-log.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';
import { waiting } from './catalogs.ts';

const unreachable = { code: 'CATALOG_UNREACHABLE', status: 503, retryable: true };
const ask = async (catalog: Catalog) => catalog.run(async (em) => em.execute('select 1 as one'), waiting);

describe('a catalogue whose PostgreSQL goes away', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let url: string;
  beforeEach(async () => {
    database = await createDatabase(service('TEST_DATABASE_URL'));
    const target = new URL(database.url);
    proxy = await startTcpProxy({ host: target.hostname, port: Number(target.port) });
    target.port = String(proxy.port);
    url = target.href;
  });
  afterEach(async () => {
    await proxy.close();
    await database.drop();
  });

  it('is open before there is a server, and works once there is', async () => {
    proxy.refuse(true);
    const catalog = await openCatalog({ url, log: captureLog().log });
    await expect(catalog.check(waiting)).rejects.toMatchObject(unreachable);
    await expect(catalog.migrate(waiting)).rejects.toMatchObject(unreachable);
    await expect(catalog.migrations(waiting)).rejects.toMatchObject(unreachable);
    await expect(ask(catalog)).rejects.toMatchObject(unreachable);
    proxy.refuse(false);
    await catalog.check(waiting);
    expect(await catalog.migrate(waiting)).toEqual(['0001-create-accounts']);
    await catalog.close();
  });

  it('fails what is in flight, and heals by itself, without a crash or a leak over 1,000 cuts', async () => {
    const { log, text } = captureLog();
    const catalog = await openCatalog({ url, log, maxConnections: 2 });
    await catalog.migrate(waiting);
    let refused = 0;
    for (let flap = 0; flap < 1_000; flap += 1) {
      const asked = Array.from({ length: 1 + (flap % 4 === 0 ? 1 : 0) }, async () => ask(catalog));
      if (flap % 5 === 0) asked.push(catalog.check(waiting).then(() => []));
      if (flap % 2 === 0) await sleep(0);
      proxy.cut();
      for (const result of await Promise.allSettled(asked)) {
        if (result.status === 'fulfilled') continue;
        expect(result.reason).toMatchObject(unreachable);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(100);
    expect(await ask(catalog)).toEqual([{ one: 1 }]);
    await catalog.check(waiting);
    expect(proxy.connections()).toBeLessThanOrEqual(3);
    expect(catalog.poolUse().open).toBeLessThanOrEqual(2);
    expect(text()).not.toContain(new URL(url).password);
    await catalog.close();
    await until(() => proxy.connections() === 0);
  }, 300_000);

  it('is not taken for dead when its pool is busy', async () => {
    const catalog = await openCatalog({ url, log: captureLog().log, maxConnections: 1 });
    const slow = catalog.run(async (em) => em.execute('select pg_sleep(1)'), waiting);
    const next = ask(catalog);
    await until(() => catalog.poolUse().waiting === 1);
    expect(catalog.poolUse()).toEqual({ max: 1, open: 1, idle: 0, waiting: 1 });
    const begin = performance.now();
    await catalog.check(waiting);
    expect(performance.now() - begin).toBeLessThan(500);
    await Promise.all([slow, next]);
    await catalog.close();
  });

  it('gives up a server that has fallen silent, and takes a new connection', async () => {
    const limits = { connect: 1_000, statement: 200, silence: 300 };
    const driver = await openPostgres(parseCatalogAddress(url) as PostgresAddress, { log: captureLog().log, maxConnections: 1, limits });
    const [row] = await driver.orm.em.fork().execute<{ pid: number }[]>('select pg_backend_pid() as pid');
    process.kill(row?.pid ?? 0, 'SIGSTOP');
    try {
      const begin = performance.now();
      await expect(driver.orm.em.fork().execute('select 1')).rejects.toThrow('silent');
      expect(performance.now() - begin).toBeLessThan(1_000);
      expect(await driver.orm.em.fork().execute('select 1 as one')).toEqual([{ one: 1 }]);
    } finally {
      process.kill(row?.pid ?? 0, 'SIGCONT');
    }
    await driver.close();
  });

  it('stops on the server what takes too long', async () => {
    const limits = { connect: 1_000, statement: 200, silence: 5_000 };
    const driver = await openPostgres(parseCatalogAddress(url) as PostgresAddress, { log: captureLog().log, maxConnections: 1, limits });
    await expect(driver.orm.em.fork().execute('select pg_sleep(5)')).rejects.toMatchObject({ code: '57014' });
    await driver.close();
  });

  it('says that a wrong password, a missing database or too many connections cannot be reached', async () => {
    const wrong = new URL(database.url);
    wrong.password = 'not-the-password';
    const missing = new URL(database.url);
    missing.pathname = '/not_there';
    for (const target of [wrong, missing]) {
      const catalog = await openCatalog({ url: target.href, log: captureLog().log });
      await expect(catalog.check(waiting)).rejects.toMatchObject(unreachable);
      await catalog.close();
    }
    const role = `reader_${database.name}`;
    await query(database.url, `alter database ${database.name} connection limit 0`);
    await query(database.url, `create role ${role} login password 'reader'`);
    const full = Object.assign(new URL(database.url), { username: role, password: 'reader' });
    const catalog = await openCatalog({ url: full.href, log: captureLog().log });
    await expect(catalog.check(waiting)).rejects.toMatchObject(unreachable);
    await catalog.close();
    await query(database.url, `drop role ${role}`);
  });
});

it('a catalogue survives that its PostgreSQL is stopped and started again', async () => {
  const bin = service('TEST_POSTGRES_BIN_15');
  const parent = await mkdtemp(join(tmpdir(), 'holdfast-catalog-server-'));
  await chmod(parent, 0o711);
  const folder = join(parent, 'server');
  const first = await startPostgres({ bin, folder, variable: 'URL' });
  const url = first.environment['URL'] ?? '';
  const catalog = await openCatalog({ url, log: captureLog().log });
  await catalog.migrate(waiting);
  await Promise.all(Array.from({ length: 5 }, async () => ask(catalog)));

  // This server writes to the disk when it is told to.
  await query(url, 'checkpoint');
  await first.stop();
  await expect(ask(catalog)).rejects.toMatchObject(unreachable);
  await expect(catalog.check(waiting)).rejects.toMatchObject(unreachable);

  const second = await startDaemon({
    program: join(bin, 'postgres'), args: ['-D', join(folder, 'data')], folder, log: join(folder, 'log'), user: await unprivilegedUser(),
    environment: { PATH: process.env['PATH'], LC_ALL: 'C', HOME: folder }, stopSignal: 'SIGQUIT',
    isReady: async () => query(url, 'select 1').then(() => true, () => false),
  });
  expect(await ask(catalog)).toEqual([{ one: 1 }]);
  await catalog.check(waiting);
  expect((await catalog.migrations(waiting)).pending).toEqual([]);
  await catalog.close();
  await second.stop();
  await rm(parent, { recursive: true });
});
