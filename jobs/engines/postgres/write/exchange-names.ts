import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { sqlStateOf } from '../postgres-errors.ts';
import { quoteIdentifier } from '../quoting.ts';
import { restoreErrors } from './restore-errors.ts';

/** SQLSTATE object_in_use: somebody is connected to the database. */
const objectInUse = '55006';

/** Who is connected to a database, besides ourselves: for people. Undefined when nobody is. */
async function describeSessions(maintenance: Client, database: string): Promise<string | undefined> {
  const { rows } = await maintenance.query<{ user: string | null; count: string }>(
    `SELECT usename::text AS user, pg_catalog.count(*) AS count FROM pg_catalog.pg_stat_activity
     WHERE datname = $1 AND pid <> pg_catalog.pg_backend_pid() AND backend_type NOT IN ('autovacuum worker')
     GROUP BY 1 ORDER BY 2 DESC, 1`,
    [database],
  );
  if (rows.length === 0) return undefined;
  const total = rows.reduce((sum, { count }) => sum + Number(count), 0);
  return `${total} ${total === 1 ? 'session' : 'sessions'} of ${rows.map(({ user }) => user ?? 'a background worker').join(', ')}`;
}

/** Throws RESTORE_TARGET_IN_USE when anybody is connected to the database: told before the work, not after. */
export async function refuseSessions(maintenance: Client, database: string, shown: string): Promise<void> {
  const sessions = await describeSessions(maintenance, database);
  if (sessions !== undefined) throw restoreErrors.RESTORE_TARGET_IN_USE({ target: shown, sessions });
}

export interface Renaming {
  readonly from: string;
  readonly to: string;
}

/** Tries of a renaming; the server itself waits five seconds in each. A visitor who came late does not undo hours of work. */
const attempts = 6;

/**
 * Renames databases in one transaction: all or none. With `endSessions` whoever is connected to them is disconnected
 * while the server keeps new ones waiting, otherwise RESTORE_TARGET_IN_USE is thrown and nothing changes.
 * `finish` runs in the same transaction, after the renaming.
 */
export async function renameDatabases(
  maintenance: Client,
  renamings: readonly Renaming[],
  options: { readonly endSessions: boolean; readonly terminator: Client; readonly shown: string; readonly finish: () => Promise<void> },
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await maintenance.query("BEGIN; SET LOCAL synchronous_commit = 'on'");
      for (const { from, to } of renamings) {
        const renamed = maintenance.query(`ALTER DATABASE ${quoteIdentifier(from)} RENAME TO ${quoteIdentifier(to)}`);
        await (options.endSessions ? Promise.all([renamed, terminateUntil(renamed, options.terminator, from)]) : renamed);
      }
      await options.finish();
      await maintenance.query('COMMIT');
      return;
    } catch (error) {
      await maintenance.query('ROLLBACK');
      if (sqlStateOf(error) !== objectInUse) throw error;
      if (attempt >= attempts) {
        const sessions = await firstInUse(maintenance, renamings);
        throw restoreErrors.RESTORE_TARGET_IN_USE({ target: options.shown, sessions: sessions ?? 'a prepared transaction or a session that just ended' }, { cause: error });
      }
    }
  }
}

/**
 * The renaming holds the database's lock, so no new session comes; the server waits for those that are there. Ends them
 * until the statement is over.
 */
async function terminateUntil(statement: Promise<unknown>, terminator: Client, database: string): Promise<void> {
  const over = statement.then(
    () => true,
    () => true,
  );
  do {
    await terminator.query('SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = $1 AND pid <> pg_catalog.pg_backend_pid()', [database]);
  } while (!(await Promise.race([over, sleep(100, false)])));
}

async function firstInUse(maintenance: Client, renamings: readonly Renaming[]): Promise<string | undefined> {
  for (const { from } of renamings) {
    const sessions = await describeSessions(maintenance, from);
    if (sessions !== undefined) return sessions;
  }
  return undefined;
}
