import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, ClientBase } from 'pg';
import { listRelations, needsLock, type Relation } from './catalog.ts';
import { isLockFailure, postgresErrors, reasonOf, sqlStateOf } from '../postgres-errors.ts';
import { quoteName } from '../quoting.ts';

/** How hard locking tries: the bounds are short so that a change of definitions that waits for us gets through. */
export interface LockPolicy {
  readonly attempts: number;
  /** Milliseconds that one LOCK waits. */
  readonly lockTimeout: number;
  /** Milliseconds between tries, at most; everything is released meanwhile. */
  readonly maxDelay: number;
}

export const defaultLockPolicy: LockPolicy = { attempts: 10, lockTimeout: 2_000, maxDelay: 5_000 };

/** A state of the database that other connections can read: it lasts while the coordinator's transaction does. */
export interface Snapshot {
  readonly id: string;
  readonly stateAt: Date;
  /** As of the snapshot. Every table among them is locked against changes of its definition, TRUNCATE and DROP. */
  readonly relations: readonly Relation[];
}

interface SnapshotOptions {
  /** Its open transaction holds locks and snapshot. */
  readonly coordinator: Client;
  /** Looks at what is there now, outside any transaction. */
  readonly observer: Client;
  readonly source: string;
  readonly policy: LockPolicy;
  readonly signal: AbortSignal;
}

/**
 * Locks every table ACCESS SHARE and *then* takes the snapshot. The other order would lose the rows of a table that is
 * truncated in between: its old rows are gone, its new state is not in the snapshot. What appeared meanwhile starts it
 * over. Throws SOURCE_BUSY when somebody keeps a table locked, SOURCE_LOCKS_EXHAUSTED, or the server's error.
 */
export async function takeSnapshot(options: SnapshotOptions): Promise<Snapshot> {
  const { coordinator, policy, signal, source } = options;
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    await coordinator.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const failure = await tryToLock(options);
    if (failure === undefined) {
      const snapshot = await exportSnapshot(options);
      if (snapshot !== undefined) return snapshot;
    }
    if (attempt === policy.attempts) {
      const reason = failure === undefined ? 'tables keep being created or replaced' : await explainWait(options, failure);
      throw postgresErrors.SOURCE_BUSY({ source, reason }, { cause: failure });
    }
    await coordinator.query('ROLLBACK');
    const bound = failure === undefined ? 20 : Math.min(policy.maxDelay, 250 * 2 ** attempt);
    await sleep(Math.random() * bound, undefined, { signal });
  }
}

/** Bytes of one LOCK statement: few round trips, no endless statement. */
const statementSize = 32 * 1024;

/**
 * Locks until nothing unlocked is left. None of these statements takes the transaction's snapshot. Gives the error when
 * a lock was not to be had in time.
 */
async function tryToLock({ coordinator, observer, source, policy, signal }: SnapshotOptions): Promise<Error | undefined> {
  await coordinator.query(`SET LOCAL lock_timeout = ${policy.lockTimeout}`);
  const locked = new Set<string>();
  for (;;) {
    signal.throwIfAborted();
    const missing = (await listRelations(observer)).filter((relation) => needsLock(relation) && !locked.has(relation.oid));
    if (missing.length === 0) return undefined;
    for (const batch of batches(missing)) {
      try {
        await lockBatch(coordinator, batch);
        for (const relation of batch) locked.add(relation.oid);
      } catch (error) {
        const state = sqlStateOf(error);
        if (state === '53200') throw postgresErrors.SOURCE_LOCKS_EXHAUSTED({ source, count: missing.length, reason: reasonOf(error) }, { cause: error });
        // Lock not available in time, or a deadlock that the server ended at our cost.
        if (isLockFailure(error)) return error as Error;
        // Dropped or replaced meanwhile, schema included: the next list tells.
        if (state !== '42P01' && state !== '3F000' && state !== '42809') throw error;
      }
    }
  }
}

async function lockBatch(coordinator: ClientBase, batch: readonly Relation[]): Promise<void> {
  await coordinator.query('SAVEPOINT batch');
  try {
    await coordinator.query(lockStatement(batch));
    await coordinator.query('RELEASE SAVEPOINT batch');
  } catch (error) {
    // A snapshot cannot be exported from inside a savepoint.
    await coordinator.query('ROLLBACK TO SAVEPOINT batch; RELEASE SAVEPOINT batch');
    throw error;
  }
}

/** `LOCK TABLE ONLY … IN ACCESS SHARE MODE`. */
export function lockStatement(relations: readonly { readonly schema: string; readonly name: string }[]): string {
  return `LOCK TABLE ${relations.map(({ schema, name }) => `ONLY ${quoteName(schema, name)}`).join(', ')} IN ACCESS SHARE MODE`;
}

function* batches(relations: readonly Relation[]): Generator<Relation[]> {
  let batch: Relation[] = [];
  let size = 0;
  for (const relation of relations) {
    const length = Buffer.byteLength(relation.schema) + Buffer.byteLength(relation.name) + 20;
    if (size + length > statementSize) {
      yield batch;
      batch = [];
      size = 0;
    }
    batch.push(relation);
    size += length;
  }
  if (batch.length > 0) yield batch;
}

/** Takes and exports the snapshot, and looks whether all that it shows is locked; undefined where something is not. */
async function exportSnapshot({ coordinator, source }: SnapshotOptions): Promise<Snapshot | undefined> {
  let exported;
  try {
    // The first query of the transaction: it takes the snapshot.
    exported = await coordinator.query<{ id: string; at: Date }>('SELECT pg_catalog.pg_export_snapshot() AS id, pg_catalog.statement_timestamp() AS at');
  } catch (error) {
    const state = sqlStateOf(error);
    if (state !== '0A000' && state !== '55000') throw error;
    throw postgresErrors.SOURCE_UNSUPPORTED({ source, reason: reasonOf(error) }, { cause: error });
  }
  const locks = await coordinator.query<{ relation: string }>(
    `SELECT relation::text AS relation FROM pg_catalog.pg_locks WHERE pid = pg_catalog.pg_backend_pid() AND locktype = 'relation' AND granted`,
  );
  const locked = new Set(locks.rows.map(({ relation }) => relation));
  const relations = await listRelations(coordinator);
  const [row] = exported.rows;
  const complete = relations.every((relation) => !needsLock(relation) || (locked.has(relation.oid) && relation.current));
  return row !== undefined && complete ? { id: row.id, stateAt: row.at, relations } : undefined;
}

/** Who holds or awaits the only kind of lock that keeps us from reading: never what it runs, which could hold secrets. */
async function explainWait({ observer }: SnapshotOptions, failure: Error): Promise<string> {
  const { rows } = await observer.query<{ relation: string; pid: number; user: string; application: string; state: string }>(
    `SELECT l.relation::pg_catalog.regclass::text AS relation, l.pid, a.usename::text AS user, a.application_name AS application, a.state
     FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
     WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
       AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
     ORDER BY l.granted DESC, a.xact_start LIMIT 3`,
  );
  if (rows.length === 0) return reasonOf(failure);
  return rows
    .map(({ relation, pid, user, application, state }) => `table ${relation} is held by process ${pid} (user ${user}, application "${application}", ${state})`)
    .join('; ');
}
