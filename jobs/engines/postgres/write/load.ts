import type { Client } from 'pg';
import type { Stream } from '../../../../src/repository/manifest/manifest.ts';
import type { PartSource } from '../../../../src/repository/parts/parts.ts';
import type { EngineContext } from '../../engine.ts';
import { sourceErrors } from '../../source-errors.ts';
import type { TableDetails } from '../content.ts';
import { copyIn } from './copy-in.ts';
import { LoadQueue, type LoadRun, planLoad } from './load-plan.ts';
import { reasonOf, sqlStateOf } from '../postgres-errors.ts';
import { quoteName } from '../quoting.ts';
import { restoreErrors } from './restore-errors.ts';
import { runOnConnections, type TargetSessions } from './target-sessions.ts';

export interface LoadRequest {
  readonly streams: readonly Stream<TableDetails>[];
  readonly parts: PartSource;
  readonly sessions: TargetSessions;
  readonly connections: number;
  /** Each table over one connection, its rows on the server's pages in the order in which the backup holds them. */
  readonly inStoredOrder?: boolean;
  /** Called with the connection that loaded the last rows of a table. */
  readonly onLoaded: (client: Client, table: TableDetails) => Promise<void>;
}

/**
 * Loads the rows of all tables over several connections and compares what the server counted with the backup, for each
 * COPY and each table. Throws RESTORE_CONTENT_DIFFERS, RESTORE_ROWS_REFUSED, what reading parts throws, or the signal's
 * reason; rows loaded until then stay.
 */
export async function loadTables(context: EngineContext, request: LoadRequest): Promise<{ rows: number; bytes: number }> {
  const { streams, sessions, connections } = request;
  const bytes = streams.reduce((sum, stream) => sum + stream.bytes, 0);
  context.progress.phase('loading', bytes);
  const loaded = new Map<TableDetails, number>();
  const items = planLoad(streams, connections, request.inStoredOrder);
  const runsLeft = new Map([...Map.groupBy(items.flatMap(({ runs }) => runs), ({ table }) => table)].map(([table, runs]) => [table, runs.length]));
  await runOnConnections(context, sessions, { items: new LoadQueue(items), connections: Math.min(connections, items.length) }, async (client, item) => {
    for (const run of item.runs) {
      const rows = await loadRun(context, client, run, request);
      loaded.set(run.table, (loaded.get(run.table) ?? 0) + rows);
      const left = (runsLeft.get(run.table) ?? 0) - 1;
      runsLeft.set(run.table, left);
      if (left === 0) await request.onLoaded(client, run.table);
    }
  });
  for (const { details, rows } of streams) {
    const found = loaded.get(details) ?? 0;
    if (found !== rows) throw differs(sessions.shown, details, rows, found);
  }
  return { rows: streams.reduce((sum, stream) => sum + stream.rows, 0), bytes };
}

async function loadRun({ progress }: EngineContext, client: Client, run: LoadRun, { parts, sessions, inStoredOrder }: LoadRequest): Promise<number> {
  const load = (statement: string) => copyIn(client, statement, parts.readAll(run.slices), (bytes) => progress.advance(bytes));
  let rows: number;
  try {
    try {
      rows = await (inStoredOrder ? loadEmptied(client, run.table, load) : load(run.table.copyFrom));
    } catch (error) {
      // Where hashes or collations are others than at the source, rows belong to other partitions: the root knows.
      const root = sqlStateOf(error) === checkViolation ? await findRoot(client, run.table) : undefined;
      if (root === undefined) throw error;
      rows = await load(root);
    }
  } catch (error) {
    const state = sqlStateOf(error);
    // Classes 22 and 23: the server does not take these values for this table.
    if (state?.startsWith('22') === true || state?.startsWith('23') === true) {
      throw restoreErrors.RESTORE_ROWS_REFUSED({ table: nameOf(run.table), target: sessions.shown, reason: reasonOf(error) }, { cause: error });
    }
    throw error;
  }
  if (rows !== run.rows) throw differs(sessions.shown, run.table, run.rows, rows);
  return rows;
}

/**
 * Loads a table in the transaction that empties it: then the server fills page after page, and looks for no room in
 * earlier ones. Not where an extension has put rows of its own, nor into a partitioned table.
 */
async function loadEmptied(client: Client, table: TableDetails, load: (statement: string) => Promise<number>): Promise<number> {
  if (table.condition !== undefined || !table.copyFrom.startsWith(`COPY ${nameOf(table)}`)) return load(table.copyFrom);
  await client.query(`BEGIN; TRUNCATE ONLY ${nameOf(table)}`);
  try {
    const rows = await load(table.copyFrom);
    await client.query('COMMIT');
    return rows;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** SQLSTATE check_violation: of a check, or of what a partition takes. */
const checkViolation = '23514';

/** The statement that loads a partition's rows through the table that it belongs to; undefined where there is none. */
async function findRoot(client: Client, table: TableDetails): Promise<string | undefined> {
  const into = `COPY ${nameOf(table)}`;
  if (!table.copyFrom.startsWith(into)) return undefined;
  const { rows } = await client.query<{ schema: string; name: string }>(
    `SELECT n.nspname::text AS schema, r.relname::text AS name
     FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_class AS r ON r.oid = pg_catalog.pg_partition_root(c.oid)
     JOIN pg_catalog.pg_namespace AS n ON n.oid = r.relnamespace
     WHERE c.oid = $1::pg_catalog.regclass AND c.relispartition`,
    [nameOf(table)],
  );
  const [root] = rows;
  return root && `COPY ${quoteName(root.schema, root.name)}${table.copyFrom.slice(into.length)}`;
}

function differs(target: string, table: TableDetails, expected: number, found: number): Error {
  return sourceErrors.RESTORE_CONTENT_DIFFERS({ target, difference: `${nameOf(table)} has ${found} rows instead of ${expected}` });
}

function nameOf({ schema, name }: TableDetails): string {
  return quoteName(schema, name);
}
