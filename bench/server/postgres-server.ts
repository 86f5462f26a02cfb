import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, appendFile, chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installedPostgresBin } from '../../test/services/programs.ts';
import { serverPrograms18 } from '../../test/services/postgresql-18.ts';
import { freePort, startDaemon } from '../../test/services/service.ts';
import { unprivilegedUser } from '../../test/services/unprivileged-user.ts';
import { query } from '../shop/connection.ts';

const run = promisify(execFile);

/** As durable as a server in production; large enough that it is not the checkpoints that are measured. */
const settings = `
fsync = on
shared_buffers = 512MB
max_wal_size = 4GB
checkpoint_timeout = 30min
listen_addresses = '127.0.0.1'
`;

export interface PostgresServer {
  /** A superuser's URL. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts a PostgreSQL 15 or 18 of the benchmarks' own on 127.0.0.1. Its cluster lies in the folder: one that an earlier run
 * kept there is used again.
 */
export async function startServer(version: '15' | '18', folder: string, signal: AbortSignal): Promise<PostgresServer> {
  const user = await unprivilegedUser();
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o755);
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const bin = version === '15' ? await installedPostgresBin() : await serverPrograms18(join(folder, 'programs'));
  if (bin === undefined) throw new Error('No PostgreSQL server is installed: install one, or name one by --server.');
  const data = join(folder, 'data');
  const password = await passwordOf(folder);
  if (!(await exists(join(data, 'PG_VERSION')))) await createCluster({ bin, data, folder, password, user });
  const port = await freePort();
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  const daemon = await startDaemon({
    program: join(bin, 'postgres'),
    args: ['-D', data, '-p', String(port)],
    folder,
    log: join(folder, 'log'),
    user,
    stopSignal: 'SIGINT',
    isReady: () => query(url, 'SELECT 1', signal).then(() => true, () => false),
  });
  return { url, stop: () => daemon.stop() };
}

/** The superuser's, made once for each cluster. */
async function passwordOf(folder: string): Promise<string> {
  const path = join(folder, 'password');
  if (!(await exists(path))) await writeFile(path, randomBytes(12).toString('hex'), { mode: 0o600 });
  return readFile(path, 'utf8');
}

interface NewCluster {
  readonly bin: string;
  readonly data: string;
  readonly folder: string;
  readonly password: string;
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
}

async function createCluster({ bin, data, folder, password, user }: NewCluster): Promise<void> {
  const passwordFile = join(folder, 'initial-password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) await chown(passwordFile, user.uid, user.gid);
  await run(
    join(bin, 'initdb'),
    ['--pgdata', data, '--username', 'postgres', '--pwfile', passwordFile, '--auth', 'scram-sha-256', '--encoding', 'UTF8', '--no-locale', '--no-instructions'],
    { cwd: folder, env: { PATH: process.env['PATH'], LC_ALL: 'C', HOME: folder }, ...user },
  );
  await rm(passwordFile);
  await appendFile(join(data, 'postgresql.conf'), `${settings}unix_socket_directories = '${folder}'\n`);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}
