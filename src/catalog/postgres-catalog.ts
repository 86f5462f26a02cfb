import { setTimeout as sleep } from 'node:timers/promises';

import type { SqlEntityManager } from '@mikro-orm/postgresql';

import type { Logger } from '../operations/logging.ts';
import type { PostgresAddress } from './catalog-address.ts';
import type { CatalogDriver } from './catalog-driver.ts';
import { commonOptions, type PoolFigures, postgresOptions, type PostgresSettings, type TimeLimits, timeLimits } from './orm-options.ts';

/** Names the lock that whoever migrates holds: `holdfast` in eight bytes. */
const migrationLock = BigInt('0x686f6c6466617374').toString();
const lockPollMs = 250;
/** A check that is late is a failure already: its connection is given up early, so that it heals early. Longer than the time between two checks. */
const probeLimits: TimeLimits = { connect: 3_000, statement: 3_000, silence: 15_000 };

/** A catalogue in PostgreSQL, for several replicas. The server need not be up yet. */
export async function openPostgres(
  address: PostgresAddress,
  { log, maxConnections, limits = timeLimits }: { readonly log: Logger; readonly maxConnections: number; readonly limits?: TimeLimits },
): Promise<CatalogDriver> {
  const { MikroORM } = await import('@mikro-orm/postgresql');
  let pool: PoolFigures | undefined;
  const open = async (settings: PostgresSettings) => new MikroORM({ ...commonOptions('postgres', log), ...(await postgresOptions(address, settings)) });
  const orm = await open({ maxConnections, limits, onPool: (created) => { pool = created; } });
  const probe = await open({ maxConnections: 1, limits: probeLimits, onPool: () => {} });

  return {
    orm,
    whenFree: async (work) => work(),
    claimWriting: async () => {},
    check: async (signal) => {
      await probe.em.fork({ signal }).execute('select 1');
    },
    poolUse: () => ({ max: maxConnections, open: pool?.totalCount ?? 0, idle: pool?.idleCount ?? 0, waiting: pool?.waitingCount ?? 0 }),
    migrate: async (signal) => orm.em.fork({ signal }).transactional(async (em) => {
      await lockMigrations(em, signal);
      const transaction = em.getTransactionContext();
      if (transaction === undefined) throw new Error('a transaction has no context');
      return (await orm.migrator.up({ transaction })).map(({ name }) => name);
    }),
    close: async () => {
      await probe.close();
      await orm.close();
    },
  };
}

/** Held until the transaction ends, or its connection does. Asks again and again: a wait inside the server could not be aborted. */
async function lockMigrations(em: SqlEntityManager, signal: AbortSignal): Promise<void> {
  for (;;) {
    const [row] = await em.execute<{ locked: boolean }[]>(`select pg_try_advisory_xact_lock(${migrationLock}) as locked`);
    if (row?.locked === true) return;
    await sleep(lockPollMs, undefined, { signal });
  }
}
