import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Environment } from '../../../src/operations/configuration.ts';
import type { Text } from '../../../src/operations/text.ts';
import type { PartSink } from '../../../src/repository/parts/parts.ts';
import type { BackupContent, BackupOptions, EngineContext } from '../engine.ts';
import { defaultLockWait } from '../lock-wait.ts';
import { describePostgresAddress, parsePostgresAddress } from './connect/address.ts';
import { chooseHost } from './connect/choose-host.ts';
import { findClientPrograms } from './connect/client-programs.ts';
import { connect, processOf } from './connect/connection.ts';
import type { PostgresDetails } from './content.ts';
import { postgresErrors, reasonOf, sqlStateOf, statementError } from './postgres-errors.ts';
import { inspectCatalog, refuseUncovered, warningsOf } from './preflight/inspect-catalog.ts';
import { findInRelations } from './preflight/relation-findings.ts';
import { describeWaiter, describeYield, LockYielded, watchLockWaiters } from './read/lock-guard.ts';
import { programsOf } from './read/lock-waiters.ts';
import { type Attempt, DefinitionsChanged, readDatabase, readerSettings } from './read/read-database.ts';
import { listRelations } from './read/catalog.ts';
import { readSurroundings } from './read/plan-surroundings.ts';
import { Coordinator } from './read/snapshot-readers.ts';
import { defaultLockPolicy, type LockPolicy, takeSnapshot } from './read/snapshot.ts';

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

/** How often a change of definitions that gets between us and pg_dump may start the whole over, some two seconds each time. */
const attempts = 20;
/** How often a run gives its snapshot up for somebody who waits: whatever keeps doing that needs another hour, or a person. */
const yieldsAtMost = 3;
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
  let yields = 0;
  /** Who was held up, in whichever try. */
  const heldUp: Text[] = [];
  for (let number = 1; ; ) {
    let pause = 0;
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
      const content = await runAttempt({ context, request, address, source, environment, signal, fail, open }, surroundings, { clients, heldUp });
      return { ...content, warnings: [...content.warnings, ...heldUp] };
    } catch (error) {
      context.signal.throwIfAborted();
      // What failed first says more than what failed because of it.
      const cause: unknown = failed.signal.aborted ? failed.signal.reason : error;
      if (cause instanceof LockYielded && yields < yieldsAtMost) {
        pause = (surroundings.lockPolicy ?? defaultLockPolicy).maxDelay * 2 ** yields * (0.5 + Math.random() / 2);
        yields += 1;
        heldUp.push(describeYield(cause));
        context.log.warn({ waiter: cause.waiter, yields }, 'gave the snapshot up for a session that waited; starting over');
      } else {
        if (!(cause instanceof DefinitionsChanged) || number === attempts) throw toSourceError(cause, source);
        context.log.info({ attempt: number }, 'definitions changed while the backup started; starting over');
        number += 1;
      }
    } finally {
      await Promise.allSettled(clients.map((client) => client.end()));
    }
    context.progress.phase('preparing');
    // All locks are gone: who waited passes, and gets some time.
    await sleep(pause, undefined, { signal: context.signal });
  }
}

function toSourceError(error: unknown, source: string): Error {
  if (error instanceof LockYielded) return postgresErrors.SOURCE_HOLDS_OTHERS_UP({ source, waiter: describeWaiter(error.waiter) }, { cause: error });
  if (error instanceof DefinitionsChanged) return postgresErrors.SOURCE_BUSY({ source, reason: error.message }, { cause: error.cause });
  const state = sqlStateOf(error);
  if (state === '22021') return postgresErrors.SOURCE_NAMES_UNREADABLE({ source, reason: reasonOf(error) }, { cause: error });
  return state === undefined ? (error as Error) : statementError(error, source);
}

/** `clients` are the connections that the attempt has opened so far; `heldUp` gets a warning for each session that it held up. */
async function runAttempt(
  attempt: Attempt,
  { programFolders, lockPolicy: policy = defaultLockPolicy }: BackupSurroundings,
  { clients, heldUp }: { readonly clients: readonly Client[]; readonly heldUp: Text[] },
): Promise<BackupContent<PostgresDetails>> {
  const { context, request, source, environment, signal, open, fail } = attempt;
  const observer = await open();
  const planSurroundings = await readSurroundings(observer, source);
  const programs = await findClientPrograms({
    majorVersion: Math.floor(planSurroundings.serverVersion / 10_000),
    environment,
    ...(programFolders !== undefined && { folders: programFolders }),
  });
  const catalog = await inspectCatalog(observer, { withInfo: false });
  refuseUncovered([...findInRelations(await listRelations(observer)), ...catalog], source);
  const coordinator = new Coordinator(await open(readerSettings));
  try {
    const snapshot = await takeSnapshot({ coordinator: coordinator.client, observer, source, policy, signal });
    // Of relations what counts is how they are in the snapshot.
    const relations = findInRelations(snapshot.relations);
    refuseUncovered(relations, source);
    coordinator.keepAlive(heartbeatInterval, fail);
    const ours = () => ({ pids: clients.map(processOf), programs: programsOf(processOf(coordinator.client)) });
    const done = new AbortController();
    const guard = watchLockWaiters(
      { observer, ours, policy: request.options.lockWait ?? defaultLockWait, source, log: context.log, fail },
      AbortSignal.any([signal, done.signal]),
    );
    try {
      const content = await readDatabase(attempt, { coordinator, snapshot, programs, surroundings: planSurroundings });
      return { ...content, warnings: [...warningsOf([...relations, ...catalog]), ...content.warnings] };
    } finally {
      done.abort();
      heldUp.push(...(await guard));
    }
  } finally {
    coordinator.stop();
  }
}
