import { openCatalog, type Catalog } from '../catalog/catalog.ts';
import { createCatalogSessionStore, deleteExpiredSessions } from '../catalog/sessions.ts';
import { HoldfastError } from '../operations/errors.ts';
import type { Check } from '../operations/health/check.ts';
import { diskSpaceCheck } from '../operations/health/disk-space-check.ts';
import { eventLoopCheck } from '../operations/health/event-loop-check.ts';
import { heartbeatCheck } from '../operations/health/heartbeat.ts';
import { probeCheck } from '../operations/health/probe-check.ts';
import { createMemoryAttemptStore } from '../operations/limits/memory-attempt-store.ts';
import { createRedisAttemptStore } from '../operations/limits/redis-attempt-store.ts';
import { sharedRateLimits } from '../operations/limits/shared-rate-limits.ts';
import { createSignInLimiter } from '../operations/limits/sign-in-limiter.ts';
import type { Logger } from '../operations/logging.ts';
import { createPasswordHasher } from '../operations/passwords/password-hasher.ts';
import { openPasswordPolicy } from '../operations/passwords/password-policy.ts';
import { connectRedis, type RedisConnection } from '../operations/redis/connect-redis.ts';
import { redisCheck, redisPart } from '../operations/redis/redis-part.ts';
import { retry } from '../operations/retry.ts';
import { createScheduler, type Scheduler } from '../operations/schedule/scheduler.ts';
import { cookiesOf } from '../operations/security/cookies.ts';
import { createCsrf } from '../operations/security/csrf.ts';
import type { ErrorTracking } from '../operations/sentry/error-tracking.ts';
import { createRedisSessionStore } from '../operations/sessions/redis-session-store.ts';
import { createSessions } from '../operations/sessions/sessions.ts';
import { createServing, type Serving } from '../operations/serving.ts';
import { openStore } from '../repository/stores/open-store.ts';
import { createApp } from './app.ts';
import { observeCluster } from './cluster/metrics/observe-cluster.ts';
import { openCluster } from './cluster/open-cluster.ts';
import type { ServiceConfiguration } from './configuration.ts';
import { serviceErrors } from './service-errors.ts';

export interface Service extends Serving {
  readonly catalog: Catalog;
}

interface Composing {
  readonly log: Logger;
  readonly tracking: ErrorTracking;
  readonly version: string;
}

const now = (): Date => new Date();
const sweepEveryMs = 600_000;

/** Makes the service of a configuration. Nothing listens and nothing connects before its parts start, but to Redis. */
export async function compose(configuration: ServiceConfiguration, { log, tracking, version }: Composing): Promise<Service> {
  const { variables, hardening } = configuration;
  // What was read from files is not in the environment, where error tracking looks for what must never leave.
  tracking.hide([...hardening.secretKeys, variables.HOLDFAST_CATALOG_PASSWORD, variables.HOLDFAST_REDIS_PASSWORD].filter((secret) => secret !== undefined));
  const catalog = await openCatalog({
    url: configuration.catalogUrl,
    log,
    maxConnections: variables.HOLDFAST_CATALOG_CONNECTIONS,
    ...(variables.HOLDFAST_CATALOG_PASSWORD !== undefined && { password: variables.HOLDFAST_CATALOG_PASSWORD }),
  });
  const redis = variables.HOLDFAST_REDIS === undefined ? undefined : connectRedis({ url: variables.HOLDFAST_REDIS, password: variables.HOLDFAST_REDIS_PASSWORD, log });
  const cluster = variables.HOLDFAST_KUBERNETES ? openCluster({ environment: configuration.environment, namespaces: variables.HOLDFAST_WATCH_NAMESPACES, version, log, now }) : undefined;
  const cookies = cookiesOf(hardening);
  const policy = await openPasswordPolicy({ least: hardening.passwordMinimum });
  const scheduler = createScheduler({
    tasks: [{ name: 'delete-expired-sessions', everyMs: sweepEveryMs, run: async (signal) => deleteExpiredSessions({ catalog, now }, { signal }), areaError: serviceErrors.TASK_FAILED }],
    log,
    tracking,
  });
  const serving = createServing({
    settings: configuration,
    version,
    log,
    tracking,
    checks: [...(await checksOf(configuration, { catalog, redis, scheduler })), ...(cluster ? [cluster.view.check] : [])],
    parts: [
      { name: 'catalogue', start: async (signal) => migrate(catalog, log, signal), stop: async () => catalog.close() },
      ...(redis ? [redisPart(redis)] : []),
      ...(cluster?.parts ?? []),
      scheduler,
    ],
    pools: { catalog: () => ({ ...catalog.poolUse() }) },
    inspection: {
      configuration: () => variables,
      tasks: () => scheduler.tasks(),
      migrations: async () => catalog.migrations({ signal: AbortSignal.timeout(5_000) }),
    },
    app: ({ health, registry }) => {
      if (cluster) observeCluster(registry, () => cluster.view.snapshot());
      return createApp({
        catalog,
        passwords: createPasswordHasher(),
        policy,
        now,
        hardening,
        sessions: createSessions({ store: redis ? createRedisSessionStore({ redis }) : createCatalogSessionStore({ catalog, now }), cookie: cookies.session }),
        csrf: createCsrf({ secretKeys: hardening.secretKeys, cookies, trustedOrigins: hardening.trustedOrigins }),
        signInLimiter: createSignInLimiter({ store: redis ? createRedisAttemptStore({ redis }) : createMemoryAttemptStore() }),
        rateLimits: sharedRateLimits({ redis, log }),
        ratePerMinute: variables.HOLDFAST_RATE_LIMIT,
        health,
        identity: { serviceId: 'holdfast', releaseId: version },
        registry,
        tracking,
        log,
        cluster,
      });
    },
  });
  return { ...serving, catalog };
}

async function checksOf(configuration: ServiceConfiguration, { catalog, redis, scheduler }: { readonly catalog: Catalog; readonly redis: RedisConnection | undefined; readonly scheduler: Scheduler }): Promise<Check[]> {
  const { variables, diskPath } = configuration;
  const checks = [probeCheck({ name: 'database', critical: true, probe: async (signal) => catalog.check({ signal }) })];
  if (redis) checks.push(redisCheck(redis));
  checks.push(diskSpaceCheck({ path: diskPath }), eventLoopCheck(), heartbeatCheck({ heartbeat: scheduler.heartbeat, critical: false }));
  if (variables.HOLDFAST_REPOSITORY !== undefined) {
    const store = await openStore(variables.HOLDFAST_REPOSITORY, { s3: s3OptionsOf(variables) });
    checks.push(probeCheck({ name: 'repository', critical: false, intervalMs: 60_000, timeoutMs: 10_000, probe: async (signal) => store.get('repository.json', { signal }) }));
  }
  return checks;
}

function s3OptionsOf(variables: ServiceConfiguration['variables']) {
  const { HOLDFAST_S3_ENDPOINT: endpoint, HOLDFAST_S3_REGION: region, HOLDFAST_S3_PATH_STYLE: pathStyle, HOLDFAST_S3_CA_FILE: caFile } = variables;
  return { endpoint, region, forcePathStyle: pathStyle, caFile };
}

/** Waits for a database that is not there yet: services start in any order. */
async function migrate(catalog: Catalog, log: Logger, signal: AbortSignal): Promise<void> {
  const applied = await retry(async () => catalog.migrate({ signal }), {
    signal,
    attempts: Infinity,
    firstDelayMs: 250,
    maxDelayMs: 5_000,
    isRetryable: (error) => error instanceof HoldfastError && error.retryable,
    onRetry: (error, attempt) => { if (attempt === 1) log.warn({ err: error }, 'waiting for the catalogue'); },
  });
  if (applied.length > 0) log.info({ migrations: applied }, 'catalogue migrated');
}
