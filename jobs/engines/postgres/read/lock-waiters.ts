import type { ClientBase } from 'pg';

/** A session that waits for this backup. Never what it runs, which could hold secrets. */
export interface LockWaiter {
  readonly pid: number;
  readonly user: string;
  readonly application: string;
  /** Quoted, qualified name of the table or index that it wants to change; null where it waits for our snapshot to end. */
  readonly relation: string | null;
  /** Sessions that wait behind it, directly or through others: a change that waits stops every reader that comes after it. */
  readonly behind: number;
}

/** Our own sessions: those of these processes, and programs that we started under this application name. */
export interface OurSessions {
  readonly pids: readonly number[];
  readonly programs: string;
}

/** The application name of a program that works for the session of this process. What others are called is appended, and may be cut off. */
export function programsOf(pid: number): string {
  return `pg_dump for ${pid}: `;
}

/**
 * Everybody who waits directly for one of our locks (`relation` is set) or for our snapshot, as CREATE INDEX CONCURRENTLY does.
 * Takes no lock on any table. Roles without rights see this much of other roles' sessions, too.
 */
export async function findLockWaiters(observer: ClientBase, ours: OurSessions): Promise<LockWaiter[]> {
  const { rows } = await observer.query<LockWaiter>(
    `WITH RECURSIVE ours AS MATERIALIZED (
       SELECT pg_catalog.array_agg(pid) AS pids FROM pg_catalog.pg_stat_activity
       WHERE pid = ANY ($1::int[]) OR pg_catalog.starts_with(application_name, $2)
     ), waiting AS MATERIALIZED (
       SELECT pid, locktype, relation, pg_catalog.pg_blocking_pids(pid) AS blockers
       FROM pg_catalog.pg_locks CROSS JOIN ours WHERE NOT granted AND pid <> ALL (ours.pids)
     ), queue AS (
       SELECT pid AS first, pid FROM waiting CROSS JOIN ours WHERE blockers && ours.pids
       UNION SELECT queue.first, waiting.pid FROM waiting JOIN queue ON queue.pid = ANY (waiting.blockers)
     )
     SELECT waiting.pid, COALESCE(activity.usename::text, '') AS user, COALESCE(activity.application_name, '') AS application,
            CASE waiting.locktype WHEN 'relation' THEN waiting.relation::pg_catalog.regclass::text END AS relation,
            (SELECT pg_catalog.count(*)::int FROM queue WHERE queue.first = waiting.pid AND queue.pid <> waiting.pid) AS behind
     FROM waiting CROSS JOIN ours LEFT JOIN pg_catalog.pg_stat_activity AS activity ON activity.pid = waiting.pid
     WHERE waiting.blockers && ours.pids
     ORDER BY waiting.pid`,
    [ours.pids, ours.programs],
  );
  return rows;
}
