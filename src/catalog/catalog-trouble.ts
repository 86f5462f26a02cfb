import { codeOf, HoldfastError } from '../operations/errors.ts';
import { catalogErrors } from './catalog-errors.ts';

/** SQLSTATEs (or their classes) of a server that is going, coming, full, or has lost the connection. */
const unreachable = /^(08|57P0[123]|53300|28|3D000|SQLITE_(CANTOPEN|IOERR|NOTADB|CORRUPT|FULL|READONLY))/;
/** Deadlocks, lock waits, time limits: the same call may go through later. */
const busy = /^(40|55P03|57014|SQLITE_(BUSY|LOCKED))/;

/**
 * What a caller gets for a failure of the database: CATALOG_UNREACHABLE or CATALOG_BUSY; anything else as it came.
 * pg's errors about connections carry no code, or errno's: they come as plain `Error` or, by MikroORM, `DriverException`.
 */
export function explainTrouble(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || error instanceof HoldfastError) return error;
  const code = codeOf(error);
  if (code === undefined ? 'name' in error && (error.name === 'Error' || error.name === 'DriverException') : unreachable.test(code) || isErrno(code)) {
    return catalogErrors.CATALOG_UNREACHABLE({}, { cause: error });
  }
  return code !== undefined && busy.test(code) ? catalogErrors.CATALOG_BUSY({}, { cause: error }) : error;
}

function isErrno(code: string): boolean {
  return /^E[A-Z]{3,}/.test(code) && !code.startsWith('ERR_');
}
