import type { Client } from 'pg';
import { type SqlStatement, splitStatements } from '../../split-statements.ts';
import type { DrillTally } from '../../drill-tally.ts';
import type { EngineContext } from '../../engine.ts';
import { reasonOf, sqlStateOf } from '../postgres-errors.ts';
import { connectTo, type ThrowawayServer } from './throwaway-server.ts';

/** Milliseconds that one assertion may take. */
const timeLimit = 10 * 60_000;
/** Rows looked at a time: an assertion may give any number of them. */
const fetched = 500;

export interface RunAssertionsRequest {
  readonly assertions: readonly SqlStatement[];
  readonly server: ThrowawayServer;
  readonly database: string;
  readonly tally: DrillTally;
}

/** The statements of an assertions file. Throws DRILL_ASSERTIONS_INVALID. */
export function readAssertions(text: string | undefined): SqlStatement[] | undefined {
  return text === undefined ? undefined : splitStatements(text, 'postgres');
}

/**
 * Runs the user's statements on the restored database, read-only and with the settings that its users have. A statement
 * holds when it gives no row, or rows of one value, each true. It does not when the server refuses it or it takes too long.
 */
export async function runAssertions(context: EngineContext, { assertions, server, database, tally }: RunAssertionsRequest): Promise<void> {
  tally.compared('assertions', assertions.length);
  const client = await connectTo(context, server, database);
  try {
    // Ours are for reading content back: here the database's own count.
    await client.query(`RESET ALL; SET default_transaction_read_only = on; SET statement_timeout = ${timeLimit}`);
    for (const statement of assertions) {
      const violation = await findViolation(client, statement.text);
      if (violation !== undefined) tally.differs({ check: 'assertions', object: `line ${statement.line}: ${statement.text}`, expected: 'no row, or true', found: violation });
    }
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** What is wrong with what a statement gives; undefined where nothing is. */
async function findViolation(client: Client, statement: string): Promise<string | undefined> {
  // A cursor holds rows back; what is no query, such as SET, gives none.
  const isQuery = /^(?:SELECT|WITH|VALUES|TABLE)\b/i.test(statement);
  try {
    if (!isQuery) return violationIn((await client.query<unknown[]>({ text: statement, rowMode: 'array' })).rows ?? []);
    await client.query('BEGIN READ ONLY');
    await client.query(`DECLARE assertion NO SCROLL CURSOR FOR ${statement}`);
    for (;;) {
      const { rows } = await client.query<unknown[]>({ text: `FETCH ${fetched} FROM assertion`, rowMode: 'array' });
      const violation = violationIn(rows);
      if (violation !== undefined || rows.length === 0) return violation;
    }
  } catch (error) {
    if (sqlStateOf(error) === undefined) throw error;
    return reasonOf(error);
  } finally {
    if (isQuery) await client.query('ROLLBACK');
  }
}

function violationIn(rows: readonly (readonly unknown[])[]): string | undefined {
  const row = rows.find((values) => values.length !== 1 || values[0] !== true);
  return row && `the row ${JSON.stringify(row)}`;
}
