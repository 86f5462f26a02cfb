import type { MikroORM } from '@mikro-orm/core';
import type { AbstractSqlDriver, SqlEntityManager } from '@mikro-orm/sqlite';

export interface PoolUse {
  readonly max: number;
  readonly open: number;
  readonly idle: number;
  /** Calls that wait for a connection. */
  readonly waiting: number;
}

/** What the two databases do differently. Errors come as the database gives them. */
export interface CatalogDriver {
  readonly orm: MikroORM<AbstractSqlDriver, SqlEntityManager>;
  /** Does work that writes at its end, if at all: again when another process kept it from writing. */
  whenFree<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result>;
  /** Called at the beginning of each transaction that writes. */
  claimWriting(em: SqlEntityManager): Promise<void>;
  check(signal: AbortSignal): Promise<void>;
  poolUse(): PoolUse;
  migrate(signal: AbortSignal): Promise<readonly string[]>;
  close(): Promise<void>;
}
