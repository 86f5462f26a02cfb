import type { Client } from 'pg';
import type { Environment } from '../../../src/operations/configuration.ts';
import type { PartSink } from '../../../src/repository/parts/parts.ts';
import type { BackupContent, BackupOptions, EngineContext } from '../engine.ts';
import { describePostgresAddress, parsePostgresAddress, type PostgresAddress, withHost } from './connect/address.ts';
import { listRelations } from './read/catalog.ts';
import { findClientPrograms } from './connect/client-programs.ts';
import { connect } from './connect/connection.ts';
import type { PostgresDetails } from './content.ts';
import { connectError, postgresErrors, reasonOf, sqlStateOf, statementError } from './postgres-errors.ts';
import { type Attempt, DefinitionsChanged, readDatabase, readerSettings } from './read/read-database.ts';
import { checkReadable } from './read/readable.ts';
import { Coordinator } from './read/snapshot-readers.ts';
import { defaultLockPolicy, type LockPolicy, takeSnapshot } from './read/snapshot.ts';
import type { PlanSurroundings } from './read/table-plan.ts';

export interface BackupRequest {
  readonly source: string;
  readonly sink: PartSink;
  readonly options: BackupOptions;
}

export interface BackupSurroundings {
  readonly environment: Environment;
  /** Folders with client programs, separated by `:`. */
  readonly programFolders?: string;
  readonly lockPolicy?: LockPolicy;
}

/** How often a change of definitions that gets between us and pg_dump may start the whole over. */
const attempts = 6;
const heartbeatInterval = 10_000;

/**
 * Reads one consistent state of a database into the sink's parts. Nothing that it opens or starts outlives it. Throws
 * sourceErrors and postgresErrors, the sink's errors, or the signal's reason.
 */
export async function backupPostgres(context: EngineContext, request: BackupRequest, surroundings: BackupSurroundings): Promise<BackupContent<PostgresDetails>> {
  context.progress.phase('preparing');
  const { environment } = surroundings;
  const address = await chooseHost(parsePostgresAddress(request.source, environment), context.signal, environment);
  const source = describePostgresAddress(address);
  for (let number = 1; ; number += 1) {
    const failed = new AbortController();
    const signal = AbortSignal.any([context.signal, failed.signal]);
    const fail = (error: unknown) => failed.abort(error);
    const clients: Client[] = [];
    const open = async (settings: Readonly<Record<string, string>> = {}) => {
      const client = await connect(address, { signal, environment, settings, onLost: fail });
      clients.push(client);
      return client;
    };
    try {
      return await runAttempt({ context, request, address, source, environment, signal, fail, open }, surroundings);
    } catch (error) {
      context.signal.throwIfAborted();
      // What failed first says more than what failed because of it.
      const cause: unknown = failed.signal.aborted ? failed.signal.reason : error;
      if (!(cause instanceof DefinitionsChanged) || number === attempts) throw toSourceError(cause, source);
      context.log.info({ attempt: number }, 'definitions changed while the backup started; starting over');
    } finally {
      await Promise.allSettled(clients.map((client) => client.end()));
    }
  }
}

function toSourceError(error: unknown, source: string): Error {
  if (error instanceof DefinitionsChanged) return postgresErrors.SOURCE_BUSY({ source, reason: error.message }, { cause: error.cause });
  const state = sqlStateOf(error);
  if (state === '22021') return postgresErrors.SOURCE_NAMES_UNREADABLE({ source, reason: reasonOf(error) }, { cause: error });
  return state === undefined ? (error as Error) : statementError(error, source);
}

/** The first host that answers: all connections and programs of a backup have to meet the same server. */
async function chooseHost(address: PostgresAddress, signal: AbortSignal, environment: Environment): Promise<PostgresAddress> {
  if (address.hosts.length === 1) return address;
  let failure: unknown;
  for (const host of address.hosts) {
    const single = withHost(address, host);
    try {
      const client = await connect(single, { signal, environment });
      await client.end();
      return single;
    } catch (error) {
      signal.throwIfAborted();
      failure = error;
    }
  }
  throw connectError(failure, describePostgresAddress(address));
}

async function runAttempt(attempt: Attempt, { programFolders, lockPolicy: policy = defaultLockPolicy }: BackupSurroundings): Promise<BackupContent<PostgresDetails>> {
  const { context, source, environment, signal, open, fail } = attempt;
  const observer = await open();
  const planSurroundings = await readSurroundings(observer, source);
  const programs = await findClientPrograms({
    majorVersion: Math.floor(planSurroundings.serverVersion / 10_000),
    environment,
    ...(programFolders !== undefined && { folders: programFolders }),
  });
  checkReadable(await listRelations(observer), source);
  const coordinator = new Coordinator(await open(readerSettings));
  try {
    const snapshot = await takeSnapshot({ coordinator: coordinator.client, observer, source, policy, signal });
    checkReadable(snapshot.relations, source);
    coordinator.keepAlive(heartbeatInterval, {
      onLost: fail,
      onWaiter: (waiter) => context.log.warn({ waiter }, 'a change of a table waits for this backup'),
    });
    return await readDatabase(attempt, { coordinator, snapshot, programs, surroundings: planSurroundings });
  } finally {
    coordinator.stop();
  }
}

async function readSurroundings(client: Client, source: string): Promise<PlanSurroundings> {
  const { rows } = await client.query<Record<'version' | 'block_size' | 'cache' | 'encoding', string>>(
    `SELECT pg_catalog.current_setting('server_version_num') AS version, pg_catalog.current_setting('block_size') AS block_size,
            pg_catalog.current_setting('server_encoding') AS encoding,
            (SELECT setting::int8 * pg_catalog.current_setting('block_size')::int8 FROM pg_catalog.pg_settings WHERE name = 'effective_cache_size') AS cache`,
  );
  const row = rows[0];
  const serverVersion = Number(row?.version);
  if (row === undefined || !(serverVersion >= 120_000)) throw postgresErrors.SOURCE_UNSUPPORTED({ source, reason: `its version is ${row?.version}` });
  return { serverVersion, encoding: row.encoding, blockSize: Number(row.block_size), effectiveCacheSize: Number(row.cache) };
}
