import type { Client } from 'pg';
import type { EngineContext } from '../../engine.ts';
import type { TableDetails } from '../content.ts';
import { quoteName } from '../quoting.ts';
import { runOnConnections, shared, type TargetSessions, withSession } from './target-sessions.ts';

/**
 * Gathers the planner's statistics of restored tables: of most as soon as their rows are there, while others are still being loaded;
 * of the rest at the end.
 */
export interface Analysis {
  /** On the connection that loaded the last of a table's rows. */
  readonly onLoaded: (client: Client, table: TableDetails) => Promise<void>;
  /** The others, several at once, the largest first. */
  readonly finish: (context: EngineContext, connections: number) => Promise<void>;
}

/** Behind the definitions, before the rows. */
export async function startAnalysis(context: EngineContext, sessions: TargetSessions): Promise<Analysis> {
  // Partitions are analyzed with the table that they belong to, what inherits to others when these are there, too.
  const candidates = await listTables(context, sessions, "c.relkind = 'r' AND NOT c.relispartition AND NOT c.relhassubclass");
  const early = new Set(candidates.map(({ name }) => name));
  const done = new Set<string>();
  return {
    onLoaded: async (client, { schema, name: table }) => {
      const name = quoteName(schema, table);
      if (!early.has(name)) return;
      await analyze(client, name);
      done.add(name);
    },
    finish: async (running, connections) => {
      running.progress.phase('analyzing');
      const tables = await listTables(running, sessions, "c.relkind IN ('r', 'p') AND NOT c.relispartition OR c.relkind = 'm' AND c.relispopulated");
      const left = tables.filter(({ name, needs_indexes }) => needs_indexes || !done.has(name));
      await runOnConnections(running, sessions, shared(left, connections), async (client, { name }) => analyze(client, name));
    },
  };
}

interface Analyzable {
  /** Quoted and qualified. */
  readonly name: string;
  /** Of indexes over expressions and of extended statistics there is something to gather, too: they come behind the rows. */
  readonly needs_indexes: boolean;
}

async function listTables(context: EngineContext, sessions: TargetSessions, condition: string): Promise<Analyzable[]> {
  return withSession(context, sessions, async (client) => {
    const { rows } = await client.query<{ schema: string; name: string; needs_indexes: boolean }>(
      `SELECT n.nspname::text AS schema, c.relname::text AS name,
         EXISTS (SELECT FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid AND i.indexprs IS NOT NULL)
         OR EXISTS (SELECT FROM pg_catalog.pg_statistic_ext AS s WHERE s.stxrelid = c.oid) AS needs_indexes
       FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
       WHERE (${condition}) AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND c.relpersistence <> 't'
       ORDER BY c.relkind = 'p' DESC, c.relpages DESC`,
    );
    return rows.map(({ schema, name, needs_indexes }) => ({ name: quoteName(schema, name), needs_indexes }));
  });
}

async function analyze(client: Client, name: string): Promise<void> {
  await client.query(`ANALYZE ${name}`);
}
