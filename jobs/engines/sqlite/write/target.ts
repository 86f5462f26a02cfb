import { open, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { codeOf, HoldfastError } from '../../../../src/operations/errors.ts';
import { formatAddress, parseAddress } from '../address.ts';
import { connect, isBusy } from '../read/connection.ts';
import { sqliteErrors } from '../sqlite-errors.ts';

export interface Target {
  /** Without symbolic links, so that a rename replaces the file and not a link to it. */
  readonly path: string;
  readonly address: string;
  readonly state: 'absent' | 'empty' | 'occupied';
}

/** Finds out what a restore into an address would replace. Throws RESTORE_WRITE_FAILED where its directory is not there. */
export async function inspectTarget(address: string): Promise<Target> {
  const given = parseAddress(address);
  const canonical = formatAddress(given);
  try {
    const path = await realpath(given);
    if (!(await stat(path)).isFile()) throw failed(canonical, 'replace the target', 'it is no regular file');
    return { path, address: canonical, state: (await isEmpty(path)) ? 'empty' : 'occupied' };
  } catch (error) {
    if (error instanceof HoldfastError) throw error;
    if (codeOf(error) !== 'ENOENT') throw failed(canonical, 'find the target', error);
  }
  const directory = await realpath(dirname(given)).catch((error: unknown) => {
    throw failed(canonical, 'find the directory', error);
  });
  return { path: join(directory, basename(given)), address: canonical, state: 'absent' };
}

export function failed(target: string, operation: string, cause: unknown): Error {
  const reason = codeOf(cause) ?? String(cause);
  return sqliteErrors.RESTORE_WRITE_FAILED({ target, operation, reason }, { cause });
}

/** A file of no bytes, or a database without a single definition. What cannot be read as one is somebody's, so not empty. */
async function isEmpty(path: string): Promise<boolean> {
  if ((await sizeOf(`${path}-wal`)) > 0 || (await sizeOf(`${path}-journal`)) > 0) return false;
  if ((await sizeOf(path)) === 0) return true;
  const location = pathToFileURL(path);
  // Nothing waits beside the file, so it can be looked at without locks and without making a `-shm` file.
  location.searchParams.set('immutable', '1');
  try {
    const database = connect(location, 'read');
    try {
      return database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
    } finally {
      database.close();
    }
  } catch {
    return false;
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (file) => file.size,
    () => 0,
  );
}

/**
 * Refuses a target that other programs use, or beside which transactions wait to be brought in: SQLite would apply a
 * left `-wal` or `-journal` to whatever database has the name. A program that has the file open but holds no lock, as in rollback
 * journal modes between transactions, is found only where /proc shows its descriptors: on Linux, for this container.
 */
export async function refuseTargetInUse({ path, address, state }: Target): Promise<void> {
  if ((await sizeOf(`${path}-wal`)) > 0) throw sqliteErrors.RESTORE_TARGET_UNFINISHED({ target: address, file: `${path}-wal` });
  if (await isHotJournal(path, address)) throw sqliteErrors.RESTORE_TARGET_UNFINISHED({ target: address, file: `${path}-journal` });
  if (state === 'absent') return;
  if (!canLockExclusively(path)) throw sqliteErrors.RESTORE_TARGET_IN_USE({ target: address, reason: 'another program holds a lock on it' });
  const [user] = await findUsers(path, { writersOnly: false });
  if (user !== undefined) throw sqliteErrors.RESTORE_TARGET_IN_USE({ target: address, reason: `process ${user} has it open` });
}

/** A journal that is to be rolled back starts with its magic; one that is done with is absent, empty, or zero there. */
async function isHotJournal(path: string, address: string): Promise<boolean> {
  const file = await open(`${path}-journal`, 'r').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw failed(address, 'read its journal', error);
  });
  if (file === undefined) return false;
  try {
    const start = Buffer.alloc(8);
    await file.read(start, 0, 8, 0);
    return start.equals(Buffer.from('d9d505f920a163d7', 'hex'));
  } finally {
    await file.close();
  }
}

/** In WAL mode every connection holds a shared lock as long as it is open; exclusive locking mode is what asks for it. */
function canLockExclusively(path: string): boolean {
  let database: DatabaseSync | undefined;
  try {
    database = connect(path, 'write');
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec('BEGIN EXCLUSIVE');
    database.exec('ROLLBACK');
    return true;
  } catch (error) {
    // No database, or a damaged one: SQLite programs cannot be using it either.
    return !isBusy(error);
  } finally {
    database?.close();
  }
}

/** Ids of other processes that have the file open. Best effort: only what /proc shows to this user. */
export async function findUsers(path: string, { writersOnly }: { readonly writersOnly: boolean }): Promise<string[]> {
  const file = await stat(path, { bigint: true }).catch(() => undefined);
  const processes = file === undefined ? [] : await readdir('/proc').catch(() => []);
  const users: string[] = [];
  for (const id of processes) {
    if (!/^\d+$/.test(id) || id === String(process.pid)) continue;
    for (const descriptor of await readdir(`/proc/${id}/fd`).catch(() => [])) {
      const name = await readlink(`/proc/${id}/fd/${descriptor}`).catch(() => '');
      if (basename(name) !== basename(path)) continue;
      const opened = await stat(`/proc/${id}/fd/${descriptor}`, { bigint: true }).catch(() => undefined);
      if (opened?.ino !== file?.ino || opened?.dev !== file?.dev) continue;
      if (!writersOnly || (await isOpenForWriting(id, descriptor))) users.push(id);
    }
  }
  return users;
}

async function isOpenForWriting(id: string, descriptor: string): Promise<boolean> {
  const info = await readFile(`/proc/${id}/fdinfo/${descriptor}`, 'latin1').catch(() => '');
  const flags = /^flags:\s*([0-7]+)/m.exec(info)?.[1] ?? '0';
  return (Number.parseInt(flags, 8) & 3) !== 0;
}
