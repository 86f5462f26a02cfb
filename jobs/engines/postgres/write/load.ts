import type { Client } from 'pg';
import type { Stream } from '../../../../src/repository/manifest/manifest.ts';
import type { PartSource } from '../../../../src/repository/parts/parts.ts';
import type { EngineContext } from '../../engine.ts';
import { sourceErrors } from '../../source-errors.ts';
import type { TableDetails } from '../content.ts';
import { copyIn } from './copy-in.ts';
import { type LoadItem, type LoadRun, planLoad } from './load-plan.ts';
import { reasonOf, sqlStateOf } from '../postgres-errors.ts';
import { quoteName } from '../quoting.ts';
import { restoreErrors } from './restore-errors.ts';
import { runOnConnections, type TargetSessions } from './target-sessions.ts';

export interface LoadRequest {
  readonly streams: readonly Stream<TableDetails>[];
  readonly parts: PartSource;
  readonly sessions: TargetSessions;
  readonly connections: number;
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
  const items = planLoad(streams, connections);
  await runOnConnections(context, sessions, { items, connections }, async (client, item: LoadItem) => {
    for (const run of item.runs) {
      const rows = await loadRun(context, client, run, request);
      loaded.set(run.table, (loaded.get(run.table) ?? 0) + rows);
    }
  });
  for (const { details, rows } of streams) {
    const found = loaded.get(details) ?? 0;
    if (found !== rows) throw differs(sessions.shown, details, rows, found);
  }
  return { rows: streams.reduce((sum, stream) => sum + stream.rows, 0), bytes };
}

async function loadRun({ progress }: EngineContext, client: Client, run: LoadRun, { parts, sessions }: LoadRequest): Promise<number> {
  let rows: number;
  try {
    rows = await copyIn(client, run.table.copyFrom, parts.readAll(run.slices), (bytes) => progress.advance(bytes));
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

function differs(target: string, table: TableDetails, expected: number, found: number): Error {
  return sourceErrors.RESTORE_CONTENT_DIFFERS({ target, difference: `${nameOf(table)} has ${found} rows instead of ${expected}` });
}

function nameOf({ schema, name }: TableDetails): string {
  return quoteName(schema, name);
}
