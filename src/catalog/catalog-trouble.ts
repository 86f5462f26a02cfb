import { codeOf, HoldfastError } from '../operations/errors.ts';
import { catalogErrors } from './catalog-errors.ts';

/** What databases call their own errors: SQLSTATEs (none begins with E, as errno's do) and SQLite's. */
const databaseCode = /^(?:[0-9FHPX][0-9A-Z]{4}|SQLITE_\w+)$/;
/** Those of one that is going, coming, full, refuses, or has lost the connection. */
const unreachable = /^(?:08|28|3D000|53|57P0[123]|SQLITE_(?:CANTOPEN|CORRUPT|FULL|IOERR|NOTADB|READONLY))/;
/** Deadlocks, lock waits, time limits: the same call may go through later. */
const busy = /^(?:25P03|40|55P03|57014|SQLITE_(?:BUSY|LOCKED))/;

/**
 * What a caller gets for a failure of the database: CATALOG_UNREACHABLE or CATALOG_BUSY; anything else as it came.
 * Errors of connections carry a code of Node's (errno, TLS) or none at all, and are a plain `Error` or, by MikroORM, a
 * `DriverException`.
 */
export function explainTrouble(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || error instanceof HoldfastError) return error;
  const code = codeOf(error);
  const ofConnection = (code === undefined || !databaseCode.test(code)) && 'name' in error && (error.name === 'Error' || error.name === 'DriverException');
  if (ofConnection || unreachable.test(code ?? '')) return catalogErrors.CATALOG_UNREACHABLE({}, { cause: error });
  return busy.test(code ?? '') ? catalogErrors.CATALOG_BUSY({}, { cause: error }) : error;
}
