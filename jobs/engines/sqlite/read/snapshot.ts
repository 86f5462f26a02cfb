import { readSync } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import type { DatabaseSync } from 'node:sqlite';
import { codeOf } from '../../../../src/operations/errors.ts';
import { formatAddress, parseAddress } from '../address.ts';
import { readValue } from './connection.ts';
import { type DatabaseHeader, headerBytes, lockBytePage, parseHeader } from './header.ts';
import { type BegunTransaction, type LockWait, ReadTransaction, type SourceFile } from './read-transaction.ts';
import { hasLog, removeOwnLog, requireWritableIndex } from '../write/side-files.ts';
import { sqliteErrors } from '../sqlite-errors.ts';
import { firstFrom, framePosition, hasSalts, readOverlay, type WalOverlay } from './wal.ts';

/** How often a snapshot is taken anew when the log does not prove to be the one that it was begun on. */
const proofAttempts = 5;

interface Opened {
  readonly source: SourceFile;
  readonly file: FileHandle;
  readonly transaction: ReadTransaction;
  readonly begun: BegunTransaction;
  readonly overlay?: { readonly wal: FileHandle; readonly frames: WalOverlay };
  /** The database had no log, so the one that reading made is removed again. */
  readonly madeLog: boolean;
}

/**
 * One consistent state of a database, readable as the bytes that its file would have, while its writers go on (in WAL mode)
 * or wait (in rollback journal modes). It must be closed. Opened by `openSnapshot`.
 */
export class Snapshot {
  /** The connection whose read transaction holds the state: what it reads is the same state. */
  readonly database: DatabaseSync;
  readonly header: DatabaseHeader;
  readonly pageCount: number;
  readonly wal: boolean;
  readonly stateAt: Date;
  readonly rolledBack: boolean;
  readonly #address: string;
  readonly #opened: Opened;
  readonly #headerAtStart: Buffer;

  constructor(opened: Opened, header: DatabaseHeader, headerAtStart: Buffer) {
    this.database = opened.transaction.database;
    this.header = header;
    this.pageCount = Number(readValue(this.database, 'PRAGMA page_count'));
    this.wal = opened.begun.wal;
    this.stateAt = opened.begun.at;
    this.rolledBack = opened.begun.rolledBack;
    this.#address = opened.source.address;
    this.#opened = opened;
    this.#headerAtStart = headerAtStart;
  }

  /**
   * Fills the buffers, each of whole pages, with the snapshot's bytes from `position` on. All of them must lie within the
   * snapshot. Throws SQLITE_DAMAGED where the file ends too early.
   */
  async read(buffers: readonly Buffer[], position: number): Promise<void> {
    const length = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
    const present = await readFully(this.#opened.file, buffers, position);
    const { pageSize } = this.header;
    // Copied back so far or not: every page that the file lacks must be in the log.
    const missingFrom = Math.floor((position + present) / pageSize) + 1;
    const last = (position + length) / pageSize;
    let fromLog = 0;
    if (this.#opened.overlay !== undefined) fromLog = this.#overlay(buffers, position, missingFrom);
    let missing = Math.max(0, last - missingFrom + 1) - fromLog;
    const lockPage = lockBytePage(pageSize);
    if (lockPage >= missingFrom && lockPage <= last) missing -= 1;
    if (missing > 0) {
      const reason = `the file ends before page ${last} of ${this.pageCount}`;
      throw sqliteErrors.SQLITE_DAMAGED({ source: this.#address, reason });
    }
  }

  /** Lays the log's pages over the file's; returns how many of them are from page `missingFrom` on. */
  #overlay(buffers: readonly Buffer[], position: number, missingFrom: number): number {
    const { wal, frames } = this.#opened.overlay as NonNullable<Opened['overlay']>;
    const { pageSize } = this.header;
    let beyond = 0;
    let start = position;
    for (const buffer of buffers) {
      const end = start + buffer.length;
      const firstPage = start / pageSize + 1;
      for (let at = firstFrom(frames, firstPage); at < frames.pages.length; at += 1) {
        const page = frames.pages[at] as number;
        if ((page - 1) * pageSize >= end) break;
        // Synchronous: the log was just read through, so it is in memory, and a call of the thread pool costs ten times the copy.
        const read = readSync(wal.fd, buffer, (page - firstPage) * pageSize, pageSize, framePosition(frames.frames[at] as number, pageSize));
        if (read !== pageSize) throw this.#changed('the write-ahead log became shorter');
        if (page >= missingFrom) beyond += 1;
      }
      start = end;
    }
    return beyond;
  }

  /** Throws SQLITE_CHANGED_UNDERNEATH unless what was read is still what it was when the transaction began. */
  async verify(): Promise<void> {
    const { overlay, file, begun } = this.#opened;
    if (overlay !== undefined) {
      if (!(await hasSalts(overlay.wal, begun.index?.salts as Buffer))) throw this.#changed('the write-ahead log was begun anew');
      return;
    }
    if (!this.#headerAtStart.equals(await readHeaderBytes(file))) throw this.#changed('its header is another one now');
  }

  #changed(reason: string): Error {
    return sqliteErrors.SQLITE_CHANGED_UNDERNEATH({ source: this.#address, reason });
  }

  async close(): Promise<void> {
    await closeAll(this.#opened);
  }
}

/** Connection first: closing a descriptor of the database or its index earlier would drop the connection's locks. */
async function closeAll({ source, file, transaction, overlay, madeLog }: Partial<Opened> & Pick<Opened, 'source' | 'file'>): Promise<void> {
  try {
    transaction?.close();
  } finally {
    await file.close();
    await overlay?.wal.close();
  }
  if (madeLog) removeOwnLog(source);
}

/** Takes a snapshot of the database at an address. Throws sqliteErrors. */
export async function openSnapshot(address: string, wait: LockWait): Promise<Snapshot> {
  const source = await locate(address);
  const file = await open(source.path, 'r').catch((error: unknown) => {
    throw sqliteErrors.SQLITE_FILE_REFUSED({ source: source.address, reason: String(codeOf(error)) }, { cause: error });
  });
  let transaction: ReadTransaction | undefined;
  let overlay: Opened['overlay'];
  let madeLog = false;
  try {
    const header = readHeader(await readHeaderBytes(file), source);
    if (header.wal) {
      await requireWritableIndex(source);
      madeLog = !(await hasLog(source));
    }
    transaction = new ReadTransaction(source);
    let begun = await transaction.begin(wait);
    for (let attempt = 1; begun.index !== undefined && overlay === undefined; attempt += 1) {
      overlay = await openOverlay(source, begun.index, wait.signal);
      if (overlay !== undefined) break;
      const reason = 'the write-ahead log is not the one that its index describes';
      if (attempt === proofAttempts) throw sqliteErrors.SQLITE_CHANGED_UNDERNEATH({ source: source.address, reason });
      transaction.rollback();
      begun = await transaction.begin(wait);
    }
    await refuseReplaced(file, source);
    const headerAtStart = await readHeaderBytes(file);
    const opened = { source, file, transaction, begun, madeLog, ...(overlay && { overlay }) };
    return new Snapshot(opened, readHeader(headerAtStart, source), headerAtStart);
  } catch (error) {
    await closeAll({ source, file, madeLog, ...(transaction && { transaction }), ...(overlay && { overlay }) });
    throw error;
  }
}

async function locate(address: string): Promise<SourceFile> {
  const given = parseAddress(address);
  const source = formatAddress(given);
  try {
    const path = await realpath(given);
    if ((await stat(path)).isFile()) return { path, address: source };
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') throw sqliteErrors.SQLITE_FILE_MISSING({ source }, { cause: error });
    throw sqliteErrors.SQLITE_FILE_REFUSED({ source, reason: String(code) }, { cause: error });
  }
  throw sqliteErrors.SQLITE_NOT_A_DATABASE({ source, reason: 'it is no regular file' });
}

async function openOverlay({ path }: SourceFile, index: NonNullable<BegunTransaction['index']>, signal: AbortSignal): Promise<Opened['overlay']> {
  const wal = await open(`${path}-wal`, 'r');
  try {
    const frames = await readOverlay(wal, index, signal);
    if (frames !== undefined) return { wal, frames };
  } catch (error) {
    await wal.close();
    throw error;
  }
  await wal.close();
  return undefined;
}

/** The descriptor and the connection were opened one after the other: both must be of the file that has the name now. */
async function refuseReplaced(file: FileHandle, { path, address }: SourceFile): Promise<void> {
  const [held, named] = await Promise.all([file.stat({ bigint: true }), stat(path, { bigint: true })]);
  if (held.ino === named.ino && held.dev === named.dev) return;
  throw sqliteErrors.SQLITE_CHANGED_UNDERNEATH({ source: address, reason: 'another file took its name' });
}

function readHeader(bytes: Buffer, { address }: SourceFile): DatabaseHeader {
  const header = parseHeader(bytes);
  if ('wrong' in header) throw sqliteErrors.SQLITE_NOT_A_DATABASE({ source: address, reason: header.wrong });
  return header;
}

async function readHeaderBytes(file: FileHandle): Promise<Buffer> {
  const bytes = Buffer.alloc(headerBytes);
  const { bytesRead } = await file.read(bytes, 0, headerBytes, 0);
  return bytes.subarray(0, bytesRead);
}

/** Reads until the buffers are full or the file ends; returns the bytes read and leaves the rest of the buffers zero. */
async function readFully(file: FileHandle, buffers: readonly Buffer[], position: number): Promise<number> {
  const { bytesRead } = await file.readv(buffers as Buffer[], position);
  let start = 0;
  let present = bytesRead;
  for (const buffer of buffers) {
    let filled = Math.min(buffer.length, Math.max(0, present - start));
    while (filled < buffer.length) {
      const { bytesRead: more } = await file.read(buffer, filled, buffer.length - filled, position + start + filled);
      if (more === 0) break;
      filled += more;
      present += more;
    }
    buffer.fill(0, filled);
    start += buffer.length;
  }
  return present;
}
