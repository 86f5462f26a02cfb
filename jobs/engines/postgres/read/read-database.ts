import type { Client } from 'pg';
import type { Text } from '../../../../src/operations/text.ts';
import type { Environment } from '../../../../src/operations/configuration.ts';
import { codeOf } from '../../../../src/operations/errors.ts';
import type { PartSink } from '../../../../src/repository/parts/parts.ts';
import type { BackupContent, BackupOptions, DraftStream, EngineContext } from '../../engine.ts';
import { type PostgresAddress, toLibpqEnvironment } from '../connect/address.ts';
import { isOurs, listKeys, measureTables, type Table } from './catalog.ts';
import type { ClientPrograms } from '../connect/client-programs.ts';
import type { PostgresDetails } from '../content.ts';
import { processOf } from '../connect/connection.ts';
import { readDetails } from './database-details.ts';
import { readDefinitions } from './definitions.ts';
import { readGlobals } from './globals.ts';
import { programsOf } from './lock-waiters.ts';
import { postgresErrors, reasonOf } from '../postgres-errors.ts';
import { emptyTable, readLargeTable, readSmallTables, type TableContent } from './read-tables.ts';
import { readSequences } from './sequences.ts';
import { type Coordinator, findWaiter, readInSnapshot, type ReadTask } from './snapshot-readers.ts';
import type { Snapshot } from './snapshot.ts';
import { type PlanSurroundings, planTable, smallTableSize } from './table-plan.ts';
import { WorkQueue } from './work-queue.ts';

/** What everything in one try of a backup shares. */
export interface Attempt {
  readonly context: EngineContext;
  readonly request: { readonly sink: PartSink; readonly options: BackupOptions };
  readonly address: PostgresAddress;
  /** The address for people. */
  readonly source: string;
  readonly environment: Environment;
  /** Aborts with the run, and when anything of the try fails. */
  readonly signal: AbortSignal;
  readonly fail: (error: unknown) => void;
  /** Opens a connection that ends with the try. */
  readonly open: (settings?: Readonly<Record<string, string>>) => Promise<Client>;
}

/** A locked and frozen state of the database, and what reading it needs to know. */
export interface Frozen {
  readonly coordinator: Coordinator;
  readonly snapshot: Snapshot;
  readonly programs: ClientPrograms;
  readonly surroundings: PlanSurroundings;
}

/** Settings of the connections that read rows: one process each, in the order of the heap, no waiting without end. */
export const readerSettings = { lock_timeout: '10s', max_parallel_workers_per_gather: '0', jit: 'off' };

/** Milliseconds that pg_dump waits for one of its locks, all of which the coordinator holds already. */
const dumpLockTimeout = 2_000;

/** pg_dump could not lock what a change of definitions waits for: released and started over, both get through. */
export class DefinitionsChanged extends Error {
  override readonly name = 'DefinitionsChanged';
}

/** Reads definitions, globals, rows and sequences of a frozen database. */
export async function readDatabase(attempt: Attempt, frozen: Frozen): Promise<BackupContent<PostgresDetails>> {
  const failing = <Result>(work: Promise<Result>) => {
    work.catch(attempt.fail);
    return work;
  };
  // pg_dump first: the less time passes before it has its locks, the fewer changes of definitions get between.
  const work = [failing(dumpDefinitions(attempt, frozen)), failing(dumpGlobals(attempt, frozen)), failing(readContent(attempt, frozen))] as const;
  // All of it has ended before anything is reported: nothing goes on behind the caller's back.
  await Promise.allSettled(work);
  const [definitions, globals, { details, streams, sequences, warnings }] = await Promise.all(work);
  return {
    details: { ...details, schemaFingerprint: definitions.fingerprint },
    streams: [definitions.stream, ...globals, ...streams, sequences],
    stateAt: frozen.snapshot.stateAt,
    tables: streams.length,
    rows: streams.reduce((sum, stream) => sum + stream.rows, 0),
    warnings,
  };
}

/** Everything that the program reads itself. */
async function readContent(attempt: Attempt, frozen: Frozen) {
  const { progress } = attempt.context;
  const { coordinator, snapshot, surroundings } = frozen;
  const ours = snapshot.relations.filter(isOurs);
  const [tables, details, sequences] = await coordinator.exclusively(async (client) => [
    await measureTables(client, ours.filter(({ kind }) => kind === 'r')),
    await readDetails(client, snapshot.relations, surroundings.serverVersion),
    await readSequences(client, ours.filter(({ kind }) => kind === 'S'), attempt.request.sink),
  ] as const);
  progress.phase('reading', tables.reduce((sum, table) => sum + sizeOf(table), 0));
  const warnings: Text[] = [];
  const streams = await readTables(attempt, frozen, tables, warnings);
  return { details, streams, sequences, warnings };
}

async function dumpDefinitions({ address, environment, request, signal, source }: Attempt, { coordinator, programs, snapshot }: Frozen) {
  const ours = toLibpqEnvironment(address, environment);
  // The lock guard knows by this name that the locks are ours.
  const env = { ...ours, PGAPPNAME: `${programsOf(processOf(coordinator.client))}${ours['PGAPPNAME']}` };
  try {
    return await readDefinitions({ programs, env, snapshot: snapshot.id, lockTimeout: dumpLockTimeout, sink: request.sink, signal });
  } catch (error) {
    if (signal.aborted || codeOf(error) !== 'POSTGRES_PROGRAM_FAILED') throw error;
    const waiting = await coordinator.exclusively(findWaiter);
    if (waiting !== undefined) throw new DefinitionsChanged(waiting, { cause: error });
    throw postgresErrors.DUMP_FAILED({ source, reason: reasonOf(error) }, { cause: error });
  }
}

async function dumpGlobals({ address, environment, request, signal, source }: Attempt, { programs }: Frozen): Promise<DraftStream[]> {
  const { globals, rolePasswords } = request.options;
  if (!globals) return [];
  const env = toLibpqEnvironment(address, environment);
  try {
    return [await readGlobals({ programs, env, database: address.database, rolePasswords, sink: request.sink, signal })];
  } catch (error) {
    if (signal.aborted || codeOf(error) !== 'POSTGRES_PROGRAM_FAILED') throw error;
    throw postgresErrors.DUMP_FAILED({ source, reason: reasonOf(error) }, { cause: error });
  }
}

async function readTables(attempt: Attempt, frozen: Frozen, tables: readonly Table[], warnings: Text[]): Promise<DraftStream[]> {
  const { context, request, source, open } = attempt;
  const { coordinator, snapshot, surroundings } = frozen;
  const queue = new WorkQueue<ReadTask>();
  const reading = {
    source,
    sink: request.sink,
    queue,
    surroundings,
    advance: (bytes: number) => context.progress.advance(bytes),
    warn: (warning: Text) => void warnings.push(warning),
  };
  const contents = new Map<Table, TableContent>();
  const small = tables.filter((table) => table.heapBytes > 0 && sizeOf(table) < smallTableSize);
  for (const [index, content] of readSmallTables(small, reading).entries()) contents.set(small[index] as Table, content);
  const large = tables.filter((table) => sizeOf(table) >= smallTableSize).toSorted((one, other) => sizeOf(other) - sizeOf(one));
  await coordinator.exclusively(async (client) => {
    const keys = large.length === 0 ? undefined : await listKeys(client);
    for (const table of large) {
      const key = keys?.get(table.oid);
      contents.set(table, readLargeTable(await planTable(client, table, key, surroundings), key, reading));
    }
  });
  const connections = Math.min(Math.max(1, request.options.connections), queue.size);
  const clients = await Promise.all(Array.from({ length: connections }, () => open(readerSettings)));
  await readInSnapshot({ clients, coordinator, snapshot, queue, source });
  return tables.map((table) => (contents.get(table) ?? emptyTable(table, surroundings)).stream());
}

function sizeOf({ heapBytes, toastBytes }: Table): number {
  return heapBytes + toastBytes;
}
