import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFile, chmod, chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Client } from 'pg';

import { freePort, type Service, startDaemon } from './service.ts';
import { unprivilegedUser } from './unprivileged-user.ts';

const run = promisify(execFile);

/**
 * Speed before durability, and room for what tests do: thousands of tables locked in one transaction, many connections,
 * logical slots, prepared transactions.
 */
const settings = `
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
max_locks_per_transaction = 512
max_prepared_transactions = 4
wal_level = logical
max_wal_size = 4GB
checkpoint_timeout = 30min
listen_addresses = '127.0.0.1'
log_min_messages = fatal
log_min_error_statement = panic
`;

export interface PostgresOptions {
  /** The folder that holds `initdb` and `postgres`. */
  readonly bin: string;
  /** A folder that does not exist yet. The Unix socket lies in it too, open to `postgres` without a password. */
  readonly folder: string;
  /** The environment variable that gets the superuser's URL. */
  readonly variable: string;
  /** The environment variable that gets the path of the certificate with which the server offers TLS; without it there is none. */
  readonly certificateVariable?: string;
}

/**
 * Starts a PostgreSQL cluster of its own on 127.0.0.1: encoding UTF8, locale C, one superuser `postgres` with a random
 * password that is really asked for. As root it runs as another user, since PostgreSQL refuses root.
 */
export async function startPostgres({ bin, folder, variable, certificateVariable }: PostgresOptions): Promise<Service> {
  const user = await unprivilegedUser();
  const password = randomBytes(12).toString('hex');
  const passwordFile = join(folder, 'password');
  const data = join(folder, 'data');
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o755);
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) await Promise.all([folder, passwordFile].map(async (path) => chown(path, user.uid, user.gid)));

  const environment = { PATH: process.env['PATH'], LC_ALL: 'C', HOME: folder };
  await run(join(bin, 'initdb'), [
    '--pgdata', data, '--username', 'postgres', '--pwfile', passwordFile, '--auth-host', 'scram-sha-256', '--auth-local', 'trust',
    '--encoding', 'UTF8', '--no-locale', '--no-sync', '--no-instructions',
  ], { cwd: folder, env: environment, ...user });
  await rm(passwordFile);

  const certificate = join(folder, 'server.crt');
  if (certificateVariable !== undefined) await enableTls({ data, folder, certificate, user });

  const port = await freePort();
  await appendFile(join(data, 'postgresql.conf'), `${settings}port = ${port}\nunix_socket_directories = '${folder}'\n`);
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  const daemon = await startDaemon({
    program: join(bin, 'postgres'), args: ['-D', data], folder, log: join(folder, 'log'), user, environment,
    stopSignal: 'SIGQUIT', // the cluster is thrown away: no checkpoint is needed
    isReady: async () => answers(url),
  });
  return { ...daemon, environment: { [variable]: url, ...(certificateVariable !== undefined && { [certificateVariable]: certificate }) } };
}

/** Gives the cluster a self-signed certificate for 127.0.0.1; connections without TLS stay possible. */
async function enableTls({ data, folder, certificate, user }: { data: string; folder: string; certificate: string; user: { uid: number; gid: number } | undefined }): Promise<void> {
  const key = join(folder, 'server.key');
  await run('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', certificate,
    '-days', '2', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1',
  ]);
  await chmod(key, 0o600);
  if (user !== undefined) await Promise.all([key, certificate].map(async (path) => chown(path, user.uid, user.gid)));
  await appendFile(join(data, 'postgresql.conf'), `ssl = on\nssl_cert_file = '${certificate}'\nssl_key_file = '${key}'\n`);
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
