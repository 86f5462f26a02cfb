import { DatabaseSync } from 'node:sqlite';
import type { HoldfastError } from '../../../../src/operations/errors.ts';
import { sqliteErrors } from '../sqlite-errors.ts';

/**
 * Opens a connection that behaves as the sqlite3 program's does: it accepts old schemas, enforces nothing new. It never
 * waits for a lock itself, because that would hold up the event loop: callers try again.
 */
export function connect(location: string | URL, access: 'read' | 'write'): DatabaseSync {
  return new DatabaseSync(location, {
    readOnly: access === 'read',
    enableDoubleQuotedStringLiterals: true,
    enableForeignKeyConstraints: false,
    timeout: 0,
  });
}

/** Extended result code (sqlite.org/rescode.html) of an error that SQLite gave, undefined for any other error. */
export function resultCode(error: unknown): number | undefined {
  const code: unknown = typeof error === 'object' && error !== null && 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' ? code : undefined;
}

const primary = (error: unknown): number | undefined => {
  const code = resultCode(error);
  return code === undefined ? undefined : code & 0xff;
};

/** SQLITE_BUSY, SQLITE_LOCKED and SQLITE_PROTOCOL: the same call may go through in a moment. */
export function isBusy(error: unknown): boolean {
  return [5, 6, 15].includes(primary(error) ?? 0);
}

/** SQLITE_READONLY_ROLLBACK: a writer died in a transaction, and a read-only connection may not undo it. */
export function needsRollback(error: unknown): boolean {
  return resultCode(error) === 776;
}

/** SQLITE_CORRUPT and SQLITE_NOTADB: the bytes are not what a database's should be. */
export function isDamage(error: unknown): boolean {
  return [11, 26].includes(primary(error) ?? 0);
}

/** SQLITE_ERROR: the statement needs something that is not here, such as an application's function or collation. */
export function isMissingFeature(error: unknown): boolean {
  return primary(error) === 1;
}

/** Says what an error that SQLite gave means for the source; other errors come back as they are. */
export function toSourceError(error: unknown, source: string): unknown {
  const code = primary(error);
  if (code === undefined) return error;
  const reason = (error as Error).message;
  const make = (): HoldfastError => {
    if (code === 26) return sqliteErrors.SQLITE_NOT_A_DATABASE({ source, reason }, { cause: error });
    if (code === 11) return sqliteErrors.SQLITE_DAMAGED({ source, reason }, { cause: error });
    return sqliteErrors.SQLITE_FILE_REFUSED({ source, reason }, { cause: error });
  };
  return make();
}

/** The first column of a statement that gives one row of one number or text, such as `PRAGMA page_count`. */
export function readValue(database: DatabaseSync, sql: string): number | string | undefined {
  const value = Object.values(database.prepare(sql).get() ?? {})[0];
  return typeof value === 'number' || typeof value === 'string' ? value : undefined;
}
