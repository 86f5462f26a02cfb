import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccount } from '../../src/catalog/accounts.ts';
import { compose, type Service } from '../../src/api/compose.ts';
import { readServiceConfiguration } from '../../src/api/configuration.ts';
import type { Environment } from '../../src/operations/configuration.ts';
import type { Role } from '../../src/operations/http/service.ts';
import { createLogger } from '../../src/operations/logging.ts';
import { createPasswordHasher } from '../../src/operations/passwords/password-hasher.ts';
import { openPasswordPolicy } from '../../src/operations/passwords/password-policy.ts';
import { errorTrackingOff } from '../../src/operations/sentry/error-tracking.ts';
import { createDatabase, service } from '../services/database.ts';
import { startRedis } from '../services/redis.ts';

/** What the same service runs on, by settings alone. */
export const variants = [
  { catalog: 'sqlite', redis: false },
  { catalog: 'sqlite', redis: true },
  { catalog: 'postgres', redis: false },
  { catalog: 'postgres', redis: true },
] as const;
export type Variant = (typeof variants)[number];

export const password = 'a long and quiet evening';

export interface ServiceUnderTest {
  readonly url: string;
  readonly managementUrl: string;
  readonly service: Service;
  /** Every line that the service has logged. */
  readonly logged: readonly string[];
  /** A name that is taken, with `password`. */
  account(role: Role): Promise<{ readonly id: string; readonly name: string }>;
  /** Ends the Redis of the variant. */
  stopRedis(): Promise<void>;
  close(): Promise<void>;
}

/** The composed service with its real parts, listening on ports of its own; everything is removed by `close`. */
export async function startService({ catalog, redis }: Variant, environment: Environment = {}): Promise<ServiceUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-api-'));
  const undo: (() => Promise<unknown>)[] = [async () => rm(folder, { recursive: true })];
  const database = catalog === 'postgres' ? await createDatabase(service('TEST_DATABASE_URL')) : undefined;
  if (database) undo.push(async () => database.drop());
  const daemon = redis ? await startRedis(join(folder, 'redis')) : undefined;
  if (daemon) undo.push(async () => daemon.stop());
  const configuration = readServiceConfiguration(
    {
      HOLDFAST_MODE: 'development',
      HOLDFAST_PORT: '0',
      HOLDFAST_MANAGEMENT_PORT: '0',
      ...(database && { HOLDFAST_CATALOG: database.url }),
      ...(daemon && { HOLDFAST_REDIS: daemon.environment['TEST_REDIS_URL'] }),
      ...environment,
    },
    { folder },
  );
  const logged: string[] = [];
  const log = createLogger({ level: 'info', name: 'test' }, { write: (line) => { logged.push(line); } });
  const made = await compose(configuration, { log, tracking: errorTrackingOff, version: '0.0.0' });
  for (const part of made.parts) await part.start?.(AbortSignal.timeout(30_000));
  made.lifecycle.phase = 'running';
  const accounts = { catalog: made.catalog, passwords: createPasswordHasher(), policy: await openPasswordPolicy(), now: () => new Date() };
  let count = 0;
  return {
    url: `http://127.0.0.1:${made.server.port()}`,
    managementUrl: `http://127.0.0.1:${made.management.port()}`,
    service: made,
    logged,
    account: async (role) => {
      count += 1;
      return createAccount(accounts, { name: `${role}-${count}`, password, role }, { signal: AbortSignal.timeout(30_000) });
    },
    stopRedis: async () => {
      await daemon?.stop();
    },
    close: async () => {
      for (const part of made.parts.toReversed()) await part.stop?.(AbortSignal.timeout(5_000));
      for (const step of undo.toReversed()) await step();
    },
  };
}
