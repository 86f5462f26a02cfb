import { openCatalog, type Catalog } from '../catalog/catalog.ts';
import { createCatalogSessionStore } from '../catalog/sessions.ts';
import { HoldfastError } from '../operations/errors.ts';
import type { Check } from '../operations/health/check.ts';
import { diskSpaceCheck } from '../operations/health/disk-space-check.ts';
import { eventLoopCheck } from '../operations/health/event-loop-check.ts';
import { createHealth } from '../operations/health/health.ts';
import { probeCheck } from '../operations/health/probe-check.ts';
import { createHttpServer, type HttpServer } from '../operations/lifecycle/http-server.ts';
import { createLifecycle, type Lifecycle, type ServicePart } from '../operations/lifecycle/lifecycle.ts';
import { createMemoryAttemptStore } from '../operations/limits/memory-attempt-store.ts';
import { createMemoryRateLimitStore } from '../operations/limits/memory-rate-limit-store.ts';
import { rateLimitStoreWithFallback } from '../operations/limits/rate-limit.ts';
import { createRedisAttemptStore } from '../operations/limits/redis-attempt-store.ts';
import { createRedisRateLimitStore } from '../operations/limits/redis-rate-limit-store.ts';
import { createSignInLimiter } from '../operations/limits/sign-in-limiter.ts';
import type { Logger } from '../operations/logging.ts';
import { createManagementServer, type ManagementServer } from '../operations/management/management-server.ts';
import { observeConnections, observeHealth, observePools } from '../operations/metrics/gauges.ts';
import { createRegistry } from '../operations/metrics/registry.ts';
import { createMetricsRenderer } from '../operations/metrics/render-metrics.ts';
import { createPasswordHasher } from '../operations/passwords/password-hasher.ts';
import { openPasswordPolicy } from '../operations/passwords/password-policy.ts';
import { connectRedis, type RedisConnection } from '../operations/redis/connect-redis.ts';
import { createFallback } from '../operations/redis/with-fallback.ts';
import { retry } from '../operations/retry.ts';
import { cookiesOf } from '../operations/security/cookies.ts';
import { createCsrf } from '../operations/security/csrf.ts';
import type { ErrorTracking } from '../operations/sentry/error-tracking.ts';
import { createRedisSessionStore } from '../operations/sessions/redis-session-store.ts';
import { createSessions } from '../operations/sessions/sessions.ts';
import { openStore } from '../repository/stores/open-store.ts';
import { type App, createApp } from './app.ts';
import type { ServiceConfiguration } from './configuration.ts';

export interface Service {
  /** In the order in which they start; `runService` takes them. */
  readonly parts: readonly ServicePart[];
  readonly lifecycle: Lifecycle;
  readonly app: App;
  readonly catalog: Catalog;
  readonly server: HttpServer;
  readonly management: ManagementServer;
}

interface Composing {
  readonly log: Logger;
  readonly tracking: ErrorTracking;
  readonly version: string;
}

const now = (): Date => new Date();
/** Last in a stop: what is left to be sent must not hold it up. */
const flushWithinMs = 2_000;

/** Makes the service of a configuration. Nothing listens and nothing connects before its parts start, but to Redis. */
export async function compose(configuration: ServiceConfiguration, { log, tracking, version }: Composing): Promise<Service> {
  const { variables, hardening } = configuration;
  // What was read from files is not in the environment, where error tracking looks for what must never leave.
  tracking.hide([...hardening.secretKeys, variables.HOLDFAST_CATALOG_PASSWORD, variables.HOLDFAST_REDIS_PASSWORD].filter((secret) => secret !== undefined));
  const lifecycle = createLifecycle();
  const catalog = await openCatalog({
    url: configuration.catalogUrl,
    log,
    maxConnections: variables.HOLDFAST_CATALOG_CONNECTIONS,
    ...(variables.HOLDFAST_CATALOG_PASSWORD !== undefined && { password: variables.HOLDFAST_CATALOG_PASSWORD }),
  });
  const redis = variables.HOLDFAST_REDIS === undefined ? undefined : connectRedis({ url: variables.HOLDFAST_REDIS, password: variables.HOLDFAST_REDIS_PASSWORD, log });
  const cookies = cookiesOf(hardening);
  const registry = createRegistry({ version });
  const health = createHealth({
    checks: await checksOf(configuration, { catalog, redis }),
    figures: { active_connections: () => server.activeConnections() },
    log,
  });
  const app = createApp({
    catalog,
    passwords: createPasswordHasher(),
    policy: await openPasswordPolicy({ least: hardening.passwordMinimum }),
    now,
    hardening,
    sessions: createSessions({ store: redis ? createRedisSessionStore({ redis }) : createCatalogSessionStore({ catalog, now }), cookie: cookies.session }),
    csrf: createCsrf({ secretKeys: hardening.secretKeys, cookies, trustedOrigins: hardening.trustedOrigins }),
    signInLimiter: createSignInLimiter({ store: redis ? createRedisAttemptStore({ redis }) : createMemoryAttemptStore() }),
    rateLimits: rateLimitsOf(redis, log),
    ratePerMinute: variables.HOLDFAST_RATE_LIMIT,
    health,
    identity: { serviceId: 'holdfast', releaseId: version },
    registry,
    tracking,
    log,
  });
  const server = createHttpServer({ host: configuration.host, port: variables.HOLDFAST_PORT, handler: app.koa.callback(), lifecycle, log });
  observeHealth(registry, health);
  observeConnections(registry, () => server.activeConnections());
  observePools(registry, { catalog: () => ({ ...catalog.poolUse() }) });
  const management = createManagementServer({
    host: configuration.managementHost,
    port: variables.HOLDFAST_MANAGEMENT_PORT,
    health,
    lifecycle,
    log,
    metrics: createMetricsRenderer(registry),
    inspection: {
      configuration: () => variables,
      routes: () => app.routes(),
      migrations: async () => catalog.migrations({ signal: AbortSignal.timeout(5_000) }),
    },
  });
  const parts: ServicePart[] = [
    management,
    { name: 'error tracking', stop: async () => void (await tracking.flush(flushWithinMs)) },
    { name: 'catalogue', start: async (signal) => migrate(catalog, log, signal), stop: async () => catalog.close() },
    ...(redis ? [{ name: 'Redis', stop: async () => redis.close() }] : []),
    health,
    server,
  ];
  return { parts, lifecycle, app, catalog, server, management };
}

async function checksOf(configuration: ServiceConfiguration, { catalog, redis }: { readonly catalog: Catalog; readonly redis: RedisConnection | undefined }): Promise<Check[]> {
  const { variables, diskPath } = configuration;
  const checks = [probeCheck({ name: 'database', critical: true, probe: async (signal) => catalog.check({ signal }) })];
  // Without it limits and caches go on in the process, and only signed-in people notice.
  if (redis) checks.push(probeCheck({ name: 'redis', critical: false, probe: async (signal) => redis.check(signal) }));
  checks.push(diskSpaceCheck({ path: diskPath }), eventLoopCheck());
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

/** Counted in Redis for all replicas; while that is away, by each for itself. */
function rateLimitsOf(redis: RedisConnection | undefined, log: Logger) {
  const own = createMemoryRateLimitStore();
  if (redis === undefined) return own;
  return rateLimitStoreWithFallback({ store: createRedisRateLimitStore({ redis }), fallback: own, withFallback: createFallback({ redis, log }) });
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
