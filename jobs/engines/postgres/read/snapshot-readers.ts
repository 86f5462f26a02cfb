import type { Client } from 'pg';
import { sourceErrors } from '../../source-errors.ts';
import { isLockFailure, sqlStateOf } from '../postgres-errors.ts';
import { lockStatement, type Snapshot } from './snapshot.ts';
import type { WorkQueue } from './work-queue.ts';

/** A piece of reading that one connection does in the snapshot. It may be done again when a lock got in its way. */
export interface ReadTask {
  readonly relations: readonly { readonly schema: string; readonly name: string }[];
  /** Settings for this task only. */
  readonly settings?: Readonly<Record<string, string>>;
  run(client: Client): Promise<void>;
}

/** The connection that holds the snapshot and all locks. One at a time uses it; it is kept alive while nobody does. */
export class Coordinator {
  readonly client: Client;
  #last: Promise<unknown> = Promise.resolve();
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(client: Client) {
    this.client = client;
  }

  /** Asks for a sign of life every so many milliseconds, from now on; `onLost` gets the error when there is none. */
  keepAlive(interval: number, onLost: (error: Error) => void): void {
    this.#heartbeat = setInterval(() => {
      this.exclusively((client) => client.query('SELECT 1')).catch(onLost);
    }, interval);
  }

  async exclusively<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
    const result = this.#last.then(() => work(this.client));
    this.#last = result.catch(() => undefined);
    return result;
  }

  /**
   * Runs a task here, where its tables are locked already: a lock that is asked for anew would wait behind whoever
   * waits for us. What it locks besides (indexes) is released again behind it.
   */
  async run(task: ReadTask): Promise<void> {
    await this.exclusively(async (client) => {
      await client.query(`SAVEPOINT task; ${localSettings(task)}`);
      try {
        await task.run(client);
      } finally {
        // A lost connection has failed the task already.
        await client.query('ROLLBACK TO SAVEPOINT task; RELEASE SAVEPOINT task').catch(() => undefined);
      }
    });
  }

  /** Ends the signs of life; the connection is its opener's. */
  stop(): void {
    clearInterval(this.#heartbeat);
  }
}

/** Tries on the coordinator before a lock on an index counts as not to be had. */
const coordinatorTries = 20;

/**
 * Does all tasks of the queue on the given connections, each task in a transaction of its own that sees the snapshot:
 * between tasks a connection holds no lock.
 */
export async function readInSnapshot(options: {
  readonly clients: readonly Client[];
  readonly coordinator: Coordinator;
  readonly snapshot: Snapshot;
  readonly queue: WorkQueue<ReadTask>;
  readonly source: string;
}): Promise<void> {
  const { clients, coordinator, snapshot, queue, source } = options;
  await Promise.all(
    clients.map((client) =>
      queue.work(async (task) => {
        if (await tryOnWorker(client, snapshot, task, source)) return;
        for (let attempt = 1; ; attempt += 1) {
          try {
            await coordinator.run(task);
            return;
          } catch (error) {
            if (!isLockFailure(error) || attempt === coordinatorTries) throw error;
          }
        }
      }),
    ),
  );
}

/** Whether the task is done; not when a lock was not to be had at once. */
async function tryOnWorker(client: Client, snapshot: Snapshot, task: ReadTask, source: string): Promise<boolean> {
  try {
    const lock = task.relations.length === 0 ? '' : `${lockStatement(task.relations)} NOWAIT;`;
    await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '${snapshot.id}'; ${lock} ${localSettings(task)}`);
    await task.run(client);
    await client.query('COMMIT');
    return true;
  } catch (error) {
    if (isLockFailure(error)) {
      await client.query('ROLLBACK');
      return false;
    }
    if (sqlStateOf(error) === '22023') {
      throw sourceErrors.SOURCE_LOST({ source, reason: 'the connection that holds the snapshot is gone' }, { cause: error });
    }
    throw error;
  }
}

function localSettings({ settings = {} }: ReadTask): string {
  return Object.entries(settings)
    .map(([name, value]) => `SET LOCAL ${name} = ${value};`)
    .join(' ');
}

/** Whoever waits for an exclusive lock in this database: what stands behind it, pg_dump too, waits as well. */
export async function findWaiter(client: Client): Promise<string | undefined> {
  const { rows } = await client.query<{ relation: string; pid: number }>(
    `SELECT relation::pg_catalog.regclass::text AS relation, pid FROM pg_catalog.pg_locks
     WHERE NOT granted AND locktype = 'relation' AND mode = 'AccessExclusiveLock'
       AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) LIMIT 1`,
  );
  return rows[0] && `process ${rows[0].pid} waits to change table ${rows[0].relation}`;
}
