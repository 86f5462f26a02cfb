import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

export interface Schema {
  readonly fingerprint: string;
  /** Tables without SQLite's own, virtual ones and their storage included. */
  readonly tables: readonly string[];
}

/** Reads the definitions as they are stored. Opens no virtual table, so it needs none of their modules. */
export function readSchema(database: DatabaseSync): Schema {
  const hash = createHash('sha256');
  const tables: string[] = [];
  const rows = database.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2, 3, 4').iterate();
  for (const { type, name, tbl_name: table, sql } of rows) {
    hash.update(`${JSON.stringify([type, name, table, sql])}\n`);
    if (type === 'table' && typeof name === 'string' && !name.startsWith('sqlite_')) tables.push(name);
  }
  return { fingerprint: hash.digest('hex'), tables };
}
