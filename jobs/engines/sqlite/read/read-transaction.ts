import { closeSync, openSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, isBusy, needsRollback, readValue, toSourceError } from './connection.ts';
import { sqliteErrors } from '../sqlite-errors.ts';
import { readWalIndex, type WalIndex } from './wal-index.ts';

export interface SourceFile {
  /** Real path, without symbolic links: SQLite's side files lie beside it. */
  readonly path: string;
  readonly address: string;
}

export interface LockWait {
  readonly signal: AbortSignal;
  /** How long to try for a lock that another program holds. */
  readonly lockWaitMs: number;
  /** Tries to catch a state between two commits before writers of a WAL database are kept from committing for a moment. */
  readonly optimisticTries?: number;
}

/** Which state a read transaction sees. */
export interface BegunTransaction {
  readonly wal: boolean;
  /** The log's state whose committed frames lie over the file; undefined where the file alone is the snapshot. */
  readonly index: WalIndex | undefined;
  readonly at: Date;
  /** A dead writer's half transaction was undone first. */
  readonly rolledBack: boolean;
}

/**
 * A read transaction whose snapshot is known exactly. As long as it is held, nothing that belongs to the snapshot changes.
 * The descriptor of the `-shm` file stays open until the connection is closed: POSIX drops *all* locks that a process has on
 * a file when it closes any descriptor of it.
 */
export class ReadTransaction {
  readonly database: DatabaseSync;
  readonly #source: SourceFile;
  #touch: StatementSync | undefined;
  #journalMode: StatementSync | undefined;
  #index: number | undefined;

  constructor(source: SourceFile) {
    this.#source = source;
    try {
      this.database = connect(source.path, 'read');
    } catch (error) {
      throw toSourceError(error, source.address);
    }
  }

  /** Waits for locks up to `lockWaitMs`. Throws SQLITE_LOCKED, SQLITE_ROLLBACK_NEEDED and what is wrong with the file. */
  async begin({ signal, lockWaitMs, optimisticTries = 1000 }: LockWait): Promise<BegunTransaction> {
    const deadline = Date.now() + lockWaitMs;
    let rolledBack = false;
    for (let attempt = 1; ; attempt += 1) {
      signal.throwIfAborted();
      const begun = this.#attempt(attempt > optimisticTries);
      if (typeof begun === 'object') return { ...begun, at: new Date(), rolledBack };
      if (begun === 'needs rollback') {
        rolledBack = rollBackDeadWriter(this.#source) || rolledBack;
      }
      if (Date.now() > deadline) throw sqliteErrors.SQLITE_LOCKED({ source: this.#source.address, seconds: lockWaitMs / 1000 });
      // A commit came in between: try at once, the window is tens of microseconds. A lock: leave its holder some time.
      if (begun !== 'moved') await sleep(1 + Math.random() * 10, undefined, { signal });
      else if (attempt % 100 === 0) await sleep(1, undefined, { signal });
    }
  }

  #attempt(withWriteLock: boolean): Omit<BegunTransaction, 'at' | 'rolledBack'> | 'moved' | 'busy' | 'needs rollback' {
    try {
      return (withWriteLock && holdingWriteLock(this.#source.path, () => this.#tryBegin())) || this.#tryBegin();
    } catch (error) {
      if (isBusy(error)) return 'busy';
      if (needsRollback(error)) return 'needs rollback';
      throw toSourceError(error, this.#source.address);
    }
  }

  /**
   * In a rollback journal mode the shared lock that a reader holds keeps every writer from changing the file.
   *
   * In WAL mode SQLite does not tell which state a transaction sees, so it is read from the index, before and after the
   * transaction began: if nothing was committed in between, it is that one. How the snapshot then lies in the two files
   * follows from what the reader locked (walTryBeginRead in SQLite's wal.c). If at that moment every frame was copied back
   * into the database file, it locked read slot 0: nothing more is copied back while that is held, the file alone is
   * the snapshot, and the log may be begun anew at any time and must not be used. Otherwise it locked another slot: the
   * log cannot be begun anew, and only frames that the snapshot holds itself are copied back. The first case leaves
   * `backfilled` equal to `frames` unless the log was begun anew since, which writes the header *before* it sets
   * `backfilled` to 0. So with `backfilled` read first and the header found unchanged after it: less than all frames means
   * another slot, hence file and log; all frames means that the file holds the snapshot, and stays so in either slot.
   */
  #tryBegin(): Omit<BegunTransaction, 'at' | 'rolledBack'> | 'moved' {
    // Preparing a statement reads the schema, which needs the lock that may be held.
    this.#touch ??= this.database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1');
    if (this.#index === undefined) this.#touch.get();
    const wal = this.#isWal();
    const before = wal ? this.#readIndex() : undefined;
    this.database.exec('BEGIN');
    let begun: WalIndex | 'file' | undefined;
    try {
      this.#touch.get();
      if (this.#isWal() === wal) begun = wal ? this.#readIndex() : 'file';
    } finally {
      if (begun === undefined) this.database.exec('ROLLBACK');
    }
    if (begun === 'file') return { wal: false, index: undefined };
    if (begun !== undefined && before?.header.equals(begun.header)) {
      if (begun.backfilled >= begun.frames) return { wal: true, index: undefined };
      if (readValue(this.database, 'PRAGMA page_count') === begun.pageCount) return { wal: true, index: begun };
    }
    if (this.database.isTransaction) this.database.exec('ROLLBACK');
    return 'moved';
  }

  #isWal(): boolean {
    this.#journalMode ??= this.database.prepare('PRAGMA journal_mode');
    return this.#journalMode.get()?.['journal_mode'] === 'wal';
  }

  #readIndex(): WalIndex | undefined {
    this.#index ??= openSync(`${this.#source.path}-shm`, 'r');
    return readWalIndex(this.#index);
  }

  /** Ends the transaction. What it saw may change from now on. */
  rollback(): void {
    if (this.database.isTransaction) this.database.exec('ROLLBACK');
  }

  close(): void {
    this.database.close();
    if (this.#index !== undefined) closeSync(this.#index);
    this.#index = undefined;
  }
}

/** Keeps writers of a WAL database from committing while `work` runs; undefined where the lock cannot be had. */
function holdingWriteLock<Result>(path: string, work: () => Result): Result | undefined {
  const writer = connect(path, 'write');
  try {
    writer.exec('PRAGMA busy_timeout = 100');
    writer.exec('BEGIN IMMEDIATE');
  } catch {
    writer.close();
    return undefined;
  }
  try {
    return work();
  } finally {
    writer.exec('ROLLBACK');
    writer.close();
  }
}

/**
 * Undoes the transaction of a writer that died, as the next program that opens the database would: without that there is no
 * consistent state to read. It is the one case where a backup writes to the source.
 */
function rollBackDeadWriter({ path, address }: SourceFile): boolean {
  const writer = connect(path, 'write');
  try {
    writer.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get();
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw sqliteErrors.SQLITE_ROLLBACK_NEEDED({ source: address, reason: (error as Error).message }, { cause: error });
  } finally {
    writer.close();
  }
}
