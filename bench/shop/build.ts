import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { query, withConnection } from './connection.ts';
import { drawing, insertLookup, insertRows, shopTables, smallTables } from './tables.ts';

/** So that an abort and a lost connection cost little. */
const rowsAStatement = 50_000;

export interface Work {
  readonly url: string;
  readonly signal: AbortSignal;
}

/** Fills an empty database with the shop: about so many gigabytes of a plain dump, the same rows on every server. */
export async function buildShop({ url, signal }: Work, gigabytes: number): Promise<void> {
  await query(url, await sqlFile('schema.sql'), signal);
  const large = insertions(0, gigabytes);
  const small = Array.from({ length: smallTables }, (_, index) => insertLookup(index + 1));
  // The largest table has a connection to itself: the time is about halved, its rows still lie in order.
  await Promise.all([
    insertAll({ url, signal }, large.filter(isLargest).map(({ sql }) => sql)),
    insertAll({ url, signal }, [...large.filter((insertion) => !isLargest(insertion)).map(({ sql }) => sql), ...small]),
  ]);
  await query(url, await sqlFile('indexes.sql'), signal);
  await settle({ url, signal });
}

/** Makes the shop of one size one of another by appending to its large tables. */
export async function growShop({ url, signal }: Work, from: number, to: number): Promise<void> {
  await insertAll({ url, signal }, insertions(from, to).map(({ sql }) => sql));
  await settle({ url, signal });
}

/** Changes rows of one key range of the largest table that hold about this share of the whole database; `at` says where the range begins, 0 to 1. */
export async function updateShop({ url, signal }: Work, gigabytes: number, { share, at }: { share: number; at: number }): Promise<void> {
  const events = shopTables(gigabytes).find(({ name }) => name === 'event')?.rows ?? 0;
  const first = 1 + Math.floor(events * at);
  const last = first + Math.floor((events * share) / eventsShare);
  await query(url, `UPDATE event SET request = jsonb_set(request, '{status}', '410'), message = message || ' (late)' WHERE id BETWEEN ${first} AND ${last}`, signal);
  await settle({ url, signal });
}

/** Of a plain dump's bytes. */
const eventsShare = 0.55;

function isLargest({ table }: Insertion): boolean {
  return table === 'event';
}

interface Insertion {
  readonly table: string;
  readonly sql: string;
}

function insertions(from: number, to: number): Insertion[] {
  const present = from === 0 ? [] : shopTables(from);
  return shopTables(to).flatMap((table) => {
    const first = 1 + (present.find(({ name }) => name === table.name)?.rows ?? 0);
    const count = Math.ceil((table.rows + 1 - first) / rowsAStatement);
    return Array.from({ length: count }, (_, index) => {
      const start = first + index * rowsAStatement;
      return { table: table.name, sql: insertRows(table, start, Math.min(table.rows, start + rowsAStatement - 1)) };
    });
  });
}

async function insertAll({ url, signal }: Work, statements: readonly string[]): Promise<void> {
  await withConnection(url, signal, async (client) => {
    // The planner takes these statements for costly enough to compile each, which costs more than they do.
    await client.query(`SET jit = off; ${drawing}`);
    for (const statement of statements) await client.query(statement);
  });
}

/** What autovacuum and the checkpointer would do sooner or later is done before anything is measured. */
async function settle({ url, signal }: Work): Promise<void> {
  await withConnection(url, signal, async (client) => {
    await client.query('VACUUM (ANALYZE)');
    await client.query('CHECKPOINT');
  });
}

function sqlFile(name: string): Promise<string> {
  return readFile(join(import.meta.dirname, name), 'utf8');
}
