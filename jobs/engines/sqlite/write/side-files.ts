import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from '../../../../src/operations/errors.ts';
import { connect } from '../read/connection.ts';
import type { SourceFile } from '../read/read-transaction.ts';
import { sqliteErrors } from '../sqlite-errors.ts';

/**
 * Refuses a WAL database whose side files this user may not write. SQLite could read some of these with a private
 * index, but which state it then sees cannot be known from outside.
 */
export async function requireWritableIndex({ path, address }: SourceFile): Promise<void> {
  const refuse = (file: string, cause: unknown): never => {
    throw sqliteErrors.SQLITE_WAL_NOT_WRITABLE({ source: address, file }, { cause });
  };
  try {
    await access(`${path}-shm`, constants.W_OK);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') refuse(`${path}-shm`, error);
    await access(dirname(path), constants.W_OK).catch((cause: unknown) => refuse(dirname(path), cause));
  }
}

/** Whether a WAL database has a log: one that was closed in order has none. */
export async function hasLog({ path }: SourceFile): Promise<boolean> {
  return access(`${path}-wal`).then(
    () => true,
    () => false,
  );
}

/**
 * Removes the empty `-wal` and the `-shm` file that reading a WAL database without a log makes: they belong to this user, and the
 * database's own program may be another one who could not open them. SQLite does it when the last connection that may write
 * is closed, under its locks: so nothing happens where that program has connected meanwhile.
 */
export function removeOwnLog({ path }: SourceFile): void {
  try {
    const database = connect(path, 'write');
    try {
      database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get();
    } finally {
      database.close();
    }
  } catch {
    // Busy, or not writable for this user: the files stay, as after any reader.
  }
}
