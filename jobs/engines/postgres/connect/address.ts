import { userInfo } from 'node:os';
import type { Environment } from '../../../../src/operations/configuration.ts';
import { sourceErrors } from '../../source-errors.ts';

/** libpq's modes. `allow` tries plain first, `prefer` TLS first; neither, nor `require`, verifies whom it talks to. */
export const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof sslModes)[number];

export interface PostgresHost {
  /** Name, IP address, or the folder of a Unix socket (starts with `/`). */
  readonly host: string;
  readonly port: number;
}

/** Where a database is and how to get in. What an address leaves out comes from libpq's variables, then its defaults. */
export interface PostgresAddress {
  /** Tried in order; at least one. */
  readonly hosts: readonly [PostgresHost, ...PostgresHost[]];
  readonly user: string;
  readonly password?: string;
  readonly database: string;
  readonly sslMode: SslMode;
  readonly sslRootCert?: string;
  readonly sslCert?: string;
  readonly sslKey?: string;
  readonly requireChannelBinding: boolean;
  /** Seconds until an attempt to connect is given up. */
  readonly connectTimeout: number;
  /** Server options in libpq's form: `-c geqo=off`. */
  readonly options?: string;
  readonly applicationName?: string;
}

/** Parameters that libpq knows and whose absence changes nothing that matters here. */
const ignoredParameters = new Set(['keepalives', 'keepalives_idle', 'keepalives_interval', 'keepalives_count', 'gssencmode', 'sslcompression']);
const knownParameters = new Set([
  'host', 'port', 'user', 'password', 'dbname', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey',
  'channel_binding', 'connect_timeout', 'options', 'application_name', 'target_session_attrs',
]);

/**
 * Reads a libpq connection URI: `postgres://user:password@host:5432/database?sslmode=verify-full`, several hosts by
 * commas, sockets by `?host=/run/postgresql` or a percent-encoded host. Throws SOURCE_ADDRESS_INVALID, which shows
 * no part of the address that could be a secret.
 */
export function parsePostgresAddress(text: string, environment: Environment = {}): PostgresAddress {
  const match = /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/s.exec(text);
  if (!match) throw invalid('it is not of the form postgres://user@host:port/database');
  const [, credentials = '', authority = '', path = '', query = ''] = match;
  // The rest of a password would be taken for a host or a database, and shown.
  if (/@/.test(authority + path)) throw invalid('it has more than one @; write @ as %40 and / as %2F in passwords and names');
  const parameters = parseParameters(query);
  const colon = credentials.indexOf(':');
  const user = decode(colon < 0 ? credentials : credentials.slice(0, colon));
  const password = colon < 0 ? undefined : decode(credentials.slice(colon + 1));
  const from = (name: string, fallback: string | undefined) => parameters.get(name) || fallback || undefined;
  const hosts = parseHosts(authority, parameters, environment);
  const chosenUser = from('user', user) ?? (environment['PGUSER'] || userInfo().username);
  const options = from('options', environment['PGOPTIONS']);
  const applicationName = from('application_name', environment['PGAPPNAME']);
  const chosenPassword = from('password', password) ?? (environment['PGPASSWORD'] || undefined);
  const sslRootCert = from('sslrootcert', environment['PGSSLROOTCERT']);
  const sslCert = from('sslcert', environment['PGSSLCERT']);
  const sslKey = from('sslkey', environment['PGSSLKEY']);
  return {
    hosts,
    user: chosenUser,
    ...(chosenPassword !== undefined && { password: chosenPassword }),
    database: from('dbname', decode(path)) ?? (environment['PGDATABASE'] || chosenUser),
    sslMode: parseSslMode(from('sslmode', environment['PGSSLMODE']), hosts),
    ...(sslRootCert !== undefined && { sslRootCert }),
    ...(sslCert !== undefined && { sslCert }),
    ...(sslKey !== undefined && { sslKey }),
    requireChannelBinding: from('channel_binding', environment['PGCHANNELBINDING']) === 'require',
    connectTimeout: parseSeconds(from('connect_timeout', environment['PGCONNECT_TIMEOUT'])),
    ...(options !== undefined && { options }),
    ...(applicationName !== undefined && { applicationName }),
  };
}

/** The address for people: neither password nor parameters. */
export function describePostgresAddress(address: PostgresAddress): string {
  const hosts = address.hosts
    .map(({ host, port }) => `${host.startsWith('/') ? encodeURIComponent(host) : bracket(host)}:${port}`)
    .join(',');
  return `postgres://${encodeURIComponent(address.user)}@${hosts}/${encodeURIComponent(address.database)}`;
}

/** The same server and user, another database. */
export function withDatabase(address: PostgresAddress, database: string): PostgresAddress {
  return { ...address, database };
}

/** The same database by one of its hosts only: what several connections that must meet one server use. */
export function withHost(address: PostgresAddress, host: PostgresHost): PostgresAddress {
  return { ...address, hosts: [host] };
}

/**
 * The environment for a client program that is to reach the address: libpq's variables set or taken away, all else as
 * it is. Names and passwords travel here and never as arguments, which every user of the machine can read.
 */
export function toLibpqEnvironment(address: PostgresAddress, environment: Environment): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && (!name.startsWith('PG') || name === 'PGPASSFILE' || name === 'PGSSLCRL' || name === 'PGSYSCONFDIR')) {
      result[name] = value;
    }
  }
  result['PGHOST'] = address.hosts.map(({ host }) => host).join(',');
  result['PGPORT'] = address.hosts.map(({ port }) => String(port)).join(',');
  result['PGUSER'] = address.user;
  result['PGDATABASE'] = address.database;
  result['PGSSLMODE'] = address.sslMode;
  result['PGCONNECT_TIMEOUT'] = String(address.connectTimeout);
  result['PGCLIENTENCODING'] = 'UTF8';
  // Bounds of partitions, dates until which roles are valid: written the same way wherever they are read.
  result['PGTZ'] = 'UTC';
  result['PGAPPNAME'] = address.applicationName ?? 'holdfast';
  if (address.password !== undefined) result['PGPASSWORD'] = address.password;
  if (address.sslRootCert !== undefined) result['PGSSLROOTCERT'] = address.sslRootCert;
  if (address.sslCert !== undefined) result['PGSSLCERT'] = address.sslCert;
  if (address.sslKey !== undefined) result['PGSSLKEY'] = address.sslKey;
  if (address.requireChannelBinding) result['PGCHANNELBINDING'] = 'require';
  if (address.options !== undefined) result['PGOPTIONS'] = address.options;
  return result;
}

/** A database's name as an argument that no client program takes for anything but that name. */
export function toConnectionString(database: string): string {
  return `dbname='${database.replace(/[\\']/g, '\\$&')}'`;
}

function parseParameters(query: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query.split('&').filter((text) => text !== '')) {
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    if (ignoredParameters.has(name)) continue;
    if (equals < 0 || !knownParameters.has(name)) throw invalid('it has a parameter that is not supported', name);
    parameters.set(name, decode(pair.slice(equals + 1)));
  }
  const attributes = parameters.get('target_session_attrs');
  if (attributes !== undefined && attributes !== 'any') throw invalid('only target_session_attrs=any is supported');
  return parameters;
}

function parseHosts(authority: string, parameters: ReadonlyMap<string, string>, environment: Environment): PostgresAddress['hosts'] {
  const pieces = (parameters.get('host') ?? authority).split(',');
  const ports = (parameters.get('port') ?? '').split(',');
  const hosts = pieces.map((piece, index): PostgresHost => {
    const match = parameters.has('host') ? [piece, piece] : /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(piece);
    if (!match) throw invalid('its host is not valid');
    const host = decode(match[1] ?? '').replace(/^\[(.*)\]$/, '$1') || environment['PGHOST'] || 'localhost';
    const port = ports[index] || ports[0] || match[2] || environment['PGPORT'] || '5432';
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535 || Number(port) === 0) throw invalid('its port is not valid');
    return { host, port: Number(port) };
  });
  return hosts as [PostgresHost, ...PostgresHost[]];
}

/**
 * Without a mode libpq prefers TLS; so do we, but not to this machine itself, where it would cost and protect nothing.
 */
function parseSslMode(mode: string | undefined, hosts: PostgresAddress['hosts']): SslMode {
  if (mode === undefined) {
    return hosts.every(({ host }) => host.startsWith('/') || host === 'localhost' || host === '::1' || /^127\.[\d.]+$/.test(host)) ? 'allow' : 'prefer';
  }
  const known = sslModes.find((candidate) => candidate === mode);
  if (known === undefined) throw invalid(`sslmode is one of ${sslModes.join(', ')}`);
  return known;
}

function parseSeconds(text: string | undefined): number {
  if (text === undefined) return 15;
  if (!/^\d{1,6}$/.test(text)) throw invalid('connect_timeout is a number of seconds');
  // As in libpq: 0 waits without limit (here an hour), 1 means 2.
  return text === '0' ? 3600 : Math.max(2, Number(text));
}

function decode(text: string): string {
  try {
    const decoded = decodeURIComponent(text);
    if (!decoded.includes('\0')) return decoded;
  } catch {
    // Said below, without the text itself: it may be a password.
  }
  throw invalid('its percent-encoding is not valid; encode special characters, such as @ as %40');
}

function bracket(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function invalid(reason: string, parameter?: string): Error {
  return sourceErrors.SOURCE_ADDRESS_INVALID({ source: 'postgres://…', reason: parameter === undefined ? reason : `${reason}: ${parameter}` });
}
