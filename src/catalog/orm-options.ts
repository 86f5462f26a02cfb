import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';

import type { Logger as OrmLogger } from '@mikro-orm/core';
import { Migrator } from '@mikro-orm/migrations';

import type { Logger } from '../operations/logging.ts';
import type { PostgresAddress, SqliteAddress } from './catalog-address.ts';
import { entities } from './entities.ts';
import { migrationsFor } from './migrations/migrations.ts';

/** All in milliseconds. */
export interface TimeLimits {
  /** Until there is a connection, be it new or another call's. */
  readonly connect: number;
  /** Of a statement, kept by the server. */
  readonly statement: number;
  /** A server that says nothing for so long is gone, whatever TCP believes: longer than any statement may take. */
  readonly silence: number;
}

export const timeLimits: TimeLimits = { connect: 5_000, statement: 20_000, silence: 30_000 };

/** How long SQLite itself waits for another process that writes to the same file: it blocks the event loop meanwhile. */
const sqliteBusyMs = 20;

/** What both databases have in common. */
export function commonOptions(kind: 'sqlite' | 'postgres', log: Logger) {
  return {
    entities,
    extensions: [Migrator],
    // A service that cannot find its database must say so, not make an empty one.
    ensureDatabase: false,
    loggerFactory: () => ormLogger(log),
    migrations: { tableName: 'catalog_migration', migrationsList: migrationsFor(kind), snapshot: false, silent: true },
    // The triggers that keep the audit append-only are the migrations' own.
    schemaGenerator: { ignoreTriggers: true, ignoreRoutines: true },
  };
}

export function sqliteOptions({ file }: SqliteAddress) {
  return { dbName: file, driverOptions: { timeout: sqliteBusyMs } };
}

/** What `pg.Pool` tells of itself. */
export interface PoolFigures {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

export interface PostgresSettings {
  readonly maxConnections: number;
  readonly limits: TimeLimits;
  /** Gets the pool as soon as there is one. */
  readonly onPool: (pool: PoolFigures) => void;
}

/** Reads the certificates that the address names. */
export async function postgresOptions(address: PostgresAddress, { maxConnections, limits, onPool }: PostgresSettings) {
  return {
    // Each by itself: MikroORM fills what is left out from variables of its own in the environment.
    host: address.host,
    port: address.port,
    user: address.user,
    password: address.password,
    dbName: address.database,
    driverOptions: {
      application_name: 'holdfast',
      max: maxConnections,
      connectionTimeoutMillis: limits.connect,
      statement_timeout: limits.statement,
      idle_in_transaction_session_timeout: limits.statement,
      keepAlive: true,
      stream: () => silenceLimitedSocket(limits.silence),
      onPoolCreated: onPool,
      ssl: await tlsOptions(address),
    },
  };
}

async function tlsOptions({ host, sslMode, sslRootCert }: PostgresAddress) {
  if (sslMode === 'disable') return false;
  return {
    // Named by an IP address, pg would hold the certificate against `localhost`.
    host,
    rejectUnauthorized: sslMode === 'verify-full',
    ...(sslRootCert !== undefined && { ca: await readFile(sslRootCert, 'utf8') }),
  };
}

/** Without the limit a connection whose server vanished would be handed out again and again, each time to wait in vain. */
function silenceLimitedSocket(silenceMs: number): Socket {
  const socket = new Socket();
  socket.setTimeout(silenceMs, () => socket.destroy(new Error(`the server has been silent for ${silenceMs} ms`)));
  return socket;
}

/** Warnings alone: queries hold what people typed. */
function ormLogger(log: Logger): OrmLogger {
  return {
    log: () => {},
    logQuery: () => {},
    warn: (namespace, message) => log.warn({ namespace, detail: message }, 'the catalogue has trouble'),
    error: (namespace, message) => log.error({ namespace, detail: message }, 'the catalogue has trouble'),
    setDebugMode: () => {},
    isEnabled: () => false,
  };
}
