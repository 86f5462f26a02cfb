import { TableNotFoundException } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sqlite';

import type { Logger } from '../operations/logging.ts';
import type { Waiting } from '../operations/sessions/session-store.ts';
import { parseCatalogAddress } from './catalog-address.ts';
import { explainTrouble } from './catalog-trouble.ts';
import type { PoolUse } from './catalog-driver.ts';
import { migrationNames } from './migrations/migrations.ts';
import { openPostgres } from './postgres-catalog.ts';
import { openSqlite } from './sqlite-catalog.ts';

export interface AppliedMigration {
  readonly name: string;
  readonly at: Date;
}

/**
 * Where the service keeps accounts, tokens, sessions and the audit. Whatever its database does comes as
 * CATALOG_UNREACHABLE or CATALOG_BUSY; it heals by itself when the database is back.
 */
export interface Catalog {
  readonly kind: 'sqlite' | 'postgres';
  /**
   * Outside a transaction: to read, and then to write by a single statement at most, since work that could not write
   * is done again. The manager is this call's own; nothing of it may outlive the call.
   */
  run<Result>(work: (em: SqlEntityManager) => Promise<Result>, waiting: Waiting): Promise<Result>;
  /** One transaction. On SQLite it is alone from its beginning; hash passwords before it. */
  transaction<Result>(work: (em: SqlEntityManager) => Promise<Result>, waiting: Waiting): Promise<Result>;
  /** Asks the database on a connection of its own, so that a busy pool is not taken for a dead database. */
  check(waiting: Waiting): Promise<void>;
  poolUse(): PoolUse;
  migrations(waiting: Waiting): Promise<{ applied: readonly AppliedMigration[]; pending: readonly string[] }>;
  /** Applies what is pending and gives its names. Safe when several replicas begin at once: one works, the others wait. */
  migrate(waiting: Waiting): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface CatalogOptions {
  /** `sqlite:///path/of/file` or `postgres://user@host:5432/database`. */
  readonly url: string;
  /** Takes the place of a password in the address. */
  readonly password?: string;
  readonly log: Logger;
  /** Of PostgreSQL; one more serves the check. Default 10. */
  readonly maxConnections?: number;
}

/**
 * Opens the catalogue. A PostgreSQL need not be up yet; an SQLite file is made if there is none, readable for its owner
 * alone. Throws CATALOG_ADDRESS_INVALID, CATALOG_UNREACHABLE.
 */
export async function openCatalog({ url, password, log, maxConnections = 10 }: CatalogOptions): Promise<Catalog> {
  const address = parseCatalogAddress(url, password);
  const driver = await explained(undefined, async () => (address.kind === 'sqlite' ? openSqlite(address, log) : openPostgres(address, { log, maxConnections })));
  const fork = (signal: AbortSignal): SqlEntityManager => driver.orm.em.fork({ signal });

  return {
    kind: address.kind,
    run: async (work, { signal }) => explained(signal, async () => driver.whenFree(async () => work(fork(signal)), signal)),
    transaction: async (work, { signal }) => explained(signal, async () => {
      const once = async () => fork(signal).transactional(async (em) => {
        await driver.claimWriting(em);
        return work(em);
      }, { signal, clear: true });
      return driver.whenFree(once, signal);
    }),
    check: async ({ signal }) => explained(signal, async () => driver.check(signal)),
    poolUse: () => driver.poolUse(),
    migrations: async ({ signal }) => explained(signal, async () => readMigrations(fork(signal))),
    migrate: async ({ signal }) => explained(signal, async () => driver.migrate(signal)),
    close: async () => driver.close(),
  };
}

/** Does not make the table that it reads, as the migrator would. */
async function readMigrations(em: SqlEntityManager) {
  let rows: { name: string; executed_at: Date | number | string }[];
  try {
    rows = await em.execute('select name, executed_at from catalog_migration order by id');
  } catch (error) {
    if (!(error instanceof TableNotFoundException)) throw error;
    rows = [];
  }
  const applied = rows.map(({ name, executed_at: at }): AppliedMigration => ({ name, at: new Date(at) }));
  const names = new Set(applied.map(({ name }) => name));
  return { applied, pending: migrationNames.filter((name) => !names.has(name)) };
}

async function explained<Result>(signal: AbortSignal | undefined, work: () => Promise<Result>): Promise<Result> {
  signal?.throwIfAborted();
  try {
    return await work();
  } catch (error) {
    // Aborted work fails in many ways; only the reason tells who stopped it.
    signal?.throwIfAborted();
    throw explainTrouble(error);
  }
}
