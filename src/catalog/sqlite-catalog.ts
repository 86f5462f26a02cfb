import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { SqlEntityManager } from '@mikro-orm/sqlite';

import { codeOf } from '../operations/errors.ts';
import type { Logger } from '../operations/logging.ts';
import { retry } from '../operations/retry.ts';
import type { SqliteAddress } from './catalog-address.ts';
import type { CatalogDriver } from './catalog-driver.ts';
import { commonOptions, sqliteOptions } from './orm-options.ts';

/** A catalogue in a file, for one machine: the service and, beside it, commands. */
export async function openSqlite(address: SqliteAddress, log: Logger): Promise<CatalogDriver> {
  await prepareFile(address.file);
  const { MikroORM } = await import('@mikro-orm/sqlite');
  const orm = new MikroORM({ ...commonOptions('sqlite', log), ...sqliteOptions(address) });
  const database = await orm.em.getConnection().getNativeClient();
  // WAL lets commands read beside the service; FULL keeps through a loss of power what was committed.
  database.pragma('journal_mode = wal');
  database.pragma('synchronous = full');

  return {
    orm,
    whenFree,
    claimWriting,
    check: async (signal) => {
      signal.throwIfAborted();
      database.prepare('select count(*) from sqlite_master').get();
    },
    poolUse: () => ({ max: 1, open: 1, idle: 1, waiting: 0 }),
    migrate: async (signal) => whenFree(async () => {
      database.exec(migrationTable);
      return (await orm.migrator.up()).map(({ name }) => name);
    }, signal),
    close: async () => orm.close(),
  };
}

/** The migrator's table, as it wants it; but made only once by two processes, and with times that need no zone: milliseconds since 1970. */
const migrationTable = `create table if not exists catalog_migration (
  id integer not null primary key autoincrement,
  name text not null,
  executed_at datetime not null default (cast(round((julianday('now') - 2440587.5) * 86400000) as integer))
)`;

/**
 * Does work again that another process's writing kept from beginning, for some two seconds. SQLite's own waiting, which
 * blocks the event loop, is kept short.
 */
async function whenFree<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  return retry(work, { signal, attempts: 40, firstDelayMs: 5, maxDelayMs: 100, isRetryable: (error) => codeOf(error)?.startsWith('SQLITE_BUSY') === true });
}

/** Creates file and folder when they are missing; password hashes are for nobody else to read. */
async function prepareFile(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, 'a', 0o600);
  await handle.close();
}

/**
 * Takes the file's write lock at the transaction's beginning, as BEGIN IMMEDIATE does: a transaction that reads first
 * cannot write any more once another process has written.
 */
async function claimWriting(em: SqlEntityManager): Promise<void> {
  await em.execute('update account set id = id where false');
}
