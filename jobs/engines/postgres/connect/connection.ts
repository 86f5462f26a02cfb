import { readFile } from 'node:fs/promises';
import { createConnection, Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { Client } from 'pg';
import type { Environment } from '../../../../src/operations/configuration.ts';
import { codeOf } from '../../../../src/operations/errors.ts';
import { sourceErrors } from '../../source-errors.ts';
import { describePostgresAddress, type PostgresAddress, type PostgresHost } from './address.ts';
import { InPlaceSocket } from './in-place-socket.ts';
import { findPasswordInFile } from './password-file.ts';
import { connectError, sqlStateOf, statementError } from '../postgres-errors.ts';

export interface ConnectOptions {
  /** Ends the connection, in whatever it is doing. */
  readonly signal: AbortSignal;
  /** Where PGPASSFILE comes from. */
  readonly environment: Environment;
  /** Shown in pg_stat_activity; the address may name another one. */
  readonly applicationName?: string;
  /** Server settings over `sessionSettings`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Called once when the connection ends without `end()`: idle connections have no other way to tell. */
  readonly onLost?: (error: Error) => void;
}

/**
 * What every session sets, whatever the server, database or role have as their defaults: no limit that ends a long
 * read, no dependence on names' search path, values written and read the same way everywhere, and an error where row
 * security would hide rows or the server leave out what is damaged.
 */
export const sessionSettings: Readonly<Record<string, string>> = {
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  transaction_timeout: '0',
  synchronize_seqscans: 'off',
  row_security: 'off',
  // The same moment is the same text in every time zone that a server, a database or a role is set to.
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  extra_float_digits: '3',
  bytea_output: 'hex',
  xmloption: 'content',
  // Amounts of money depend on it on their way out and in; NULL in arrays on its way in.
  lc_monetary: 'C',
  array_nulls: 'on',
  // Damage must be an error, never rows left out. Only superusers may turn these on, and off again.
  zero_damaged_pages: 'off',
  ignore_checksum_failure: 'off',
  search_path: '',
  client_encoding: 'UTF8',
  standard_conforming_strings: 'on',
  default_transaction_deferrable: 'off',
};

/**
 * Opens a connection with our session settings. Errors on it never end the process: statements reject, and `onLost`
 * tells of an idle one. Throws SOURCE_UNREACHABLE or SOURCE_REFUSED, or the signal's reason.
 */
export async function connect(address: PostgresAddress, options: ConnectOptions): Promise<Client> {
  let failure: unknown;
  for (const host of address.hosts) {
    for (const secure of tlsAttempts(address, host)) {
      options.signal.throwIfAborted();
      try {
        return await connectTo(address, host, secure, options);
      } catch (error) {
        options.signal.throwIfAborted();
        // What a first host answered says more than that the last one is down.
        if (failure === undefined || sqlStateOf(failure) === undefined) failure = error;
        if (isNetworkError(error)) break;
      }
    }
  }
  throw connectError(failure, describePostgresAddress(address));
}

/** Which of the attempts libpq's modes make: with TLS (true) or without, in this order. */
function tlsAttempts({ sslMode }: PostgresAddress, { host }: PostgresHost): readonly boolean[] {
  if (host.startsWith('/') || sslMode === 'disable') return [false];
  if (sslMode === 'allow') return [false, true];
  return sslMode === 'prefer' ? [true, false] : [true];
}

async function connectTo(address: PostgresAddress, host: PostgresHost, secure: boolean, options: ConnectOptions): Promise<Client> {
  const { signal, environment } = options;
  // TLS reads the socket itself.
  const socket = secure ? new Socket() : new InPlaceSocket();
  let connected = false;
  const destroy = () => {
    if (connected) cancelStatement(client, host);
    socket.destroy();
  };
  signal.addEventListener('abort', destroy, { once: true });
  const client = new Client({
    host: host.host,
    port: host.port,
    user: address.user,
    database: address.database,
    password: () => findPassword(address, host, environment),
    ssl: secure ? await tlsOptions(address) : false,
    enableChannelBinding: address.requireChannelBinding,
    application_name: address.applicationName ?? options.applicationName ?? 'holdfast',
    options: address.options,
    client_encoding: 'UTF8',
    stream: () => socket,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
  const timer = setTimeout(() => {
    socket.destroy(Object.assign(new Error('no answer within the time limit'), { code: 'ETIMEDOUT' }));
  }, address.connectTimeout * 1000);
  client.on('error', (error) => {
    if (connected && !signal.aborted) options.onLost?.(statementError(error, describePostgresAddress(address)));
  });
  client.once('end', () => signal.removeEventListener('abort', destroy));
  try {
    await client.connect();
    await applySettings(client, { ...sessionSettings, ...options.settings });
    connected = true;
    return client;
  } catch (error) {
    socket.destroy();
    signal.removeEventListener('abort', destroy);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Process of the server that works for this connection. */
export function processOf(client: Client): number {
  const { processID } = client as Client & { readonly processID: number | null };
  if (processID === null) throw new Error('the connection is not open');
  return processID;
}

const cancelRequestCode = 80_877_102;

/**
 * Asks the server to stop what the connection is doing: one that only disappears goes on until its server process next
 * writes to it. Best effort, in the background.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS
 */
function cancelStatement(client: Client, { host, port }: PostgresHost): void {
  const { processID, secretKey } = client as Client & { readonly processID: number | null; readonly secretKey: number | null };
  if (processID === null || secretKey === null) return;
  const request = Buffer.alloc(16);
  [16, cancelRequestCode, processID, secretKey].forEach((field, index) => request.writeInt32BE(field, index * 4));
  const socket = host.startsWith('/') ? createConnection(`${host}/.s.PGSQL.${port}`) : createConnection(port, host);
  socket.setTimeout(5_000, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.end(request);
  socket.resume().unref();
}

/** Sets those of the settings that this server knows and has otherwise: one round trip, whatever its version. */
async function applySettings(client: Client, settings: Readonly<Record<string, string>>): Promise<void> {
  await client.query(
    `SELECT pg_catalog.set_config(wanted.name, wanted.setting, false)
     FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) AS wanted(name, setting)
     JOIN pg_catalog.pg_settings AS known ON known.name = wanted.name AND known.setting <> wanted.setting`,
    [Object.keys(settings), Object.values(settings)],
  );
}

async function findPassword(address: PostgresAddress, host: PostgresHost, environment: Environment): Promise<string> {
  const password = address.password ?? (await findPasswordInFile(address, host, environment));
  if (password !== undefined) return password;
  throw sourceErrors.SOURCE_REFUSED({ source: describePostgresAddress(address), reason: 'the server asks for a password and none is given' });
}

async function tlsOptions(address: PostgresAddress): Promise<ConnectionOptions> {
  const { sslMode, sslRootCert, sslCert, sslKey } = address;
  const systemRoots = sslRootCert === undefined || sslRootCert === 'system';
  // As in libpq, a root certificate makes `require` verify the chain as `verify-ca` does.
  const verifiesChain = sslMode === 'verify-full' || sslMode === 'verify-ca' || (sslMode === 'require' && !systemRoots);
  return {
    rejectUnauthorized: verifiesChain,
    ...(sslMode !== 'verify-full' && { checkServerIdentity: () => undefined }),
    ...(!systemRoots && { ca: await readCredential(address, sslRootCert) }),
    ...(sslCert !== undefined && { cert: await readCredential(address, sslCert) }),
    ...(sslKey !== undefined && { key: await readCredential(address, sslKey) }),
  };
}

async function readCredential(address: PostgresAddress, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const reason = `the TLS file ${path} cannot be read (${codeOf(error)})`;
    throw sourceErrors.SOURCE_ADDRESS_INVALID({ source: describePostgresAddress(address), reason }, { cause: error });
  }
}

/** Whether the host itself did not answer, so that another way of talking to it is no use. */
function isNetworkError(error: unknown): boolean {
  const code = codeOf(error);
  return sqlStateOf(error) === undefined && code !== undefined && /^E[A-Z]+$/.test(code) && code !== 'ECONNRESET' && code !== 'EPIPE';
}
