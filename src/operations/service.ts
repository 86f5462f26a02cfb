import { Router } from '@koa/router';
import { z } from 'zod';
import { createApplication } from './application.ts';
import { type Environment, readConfiguration } from './configuration.ts';
import type { Check } from './health/check.ts';
import { diskSpaceCheck } from './health/disk-space-check.ts';
import { eventLoopCheck } from './health/event-loop-check.ts';
import type { CataloguedFamily } from './http/error-catalogue.ts';
import type { ServiceMiddleware, ServiceState } from './http/service.ts';
import type { ServicePart } from './lifecycle/lifecycle.ts';
import { runService, type ServiceOptions as RunOptions } from './lifecycle/run-service.ts';
import { sharedRateLimits } from './limits/shared-rate-limits.ts';
import { createLogger, linesOfATurn, type Logger } from './logging.ts';
import { connectRedis, type RedisConnection } from './redis/connect-redis.ts';
import { redisCheck, redisPart } from './redis/redis-part.ts';
import { cookiesOf } from './security/cookies.ts';
import { createCsrf, type Csrf } from './security/csrf.ts';
import { deploySettingsOf } from './security/self-check/deploy-check.ts';
import { requireSafe } from './security/self-check/run-self-check.ts';
import { type ErrorTracking, errorTrackingOff } from './sentry/error-tracking.ts';
import { operationalSettingsOf, operationalVariables } from './service-variables.ts';
import { createServing, type Serving } from './serving.ts';

/** What a service's routes may need of what was made for it. */
export interface Made {
  readonly log: Logger;
  readonly tracking: ErrorTracking;
  /** For forms: `csrf.token(ctx)`. */
  readonly csrf: Csrf;
  readonly redis: RedisConnection | undefined;
}

export interface ServiceOptions {
  /** The service's stable name: in its log lines and its health document. */
  readonly name: string;
  readonly version: string;
  readonly environment: Environment;
  /** Adds its routes. */
  readonly routes: (router: Router<ServiceState>, made: Made) => void;
  /** The families that its routes answer with, for the catalogue at `/errors`. */
  readonly errorFamilies?: readonly CataloguedFamily[];
  /** Beside those of Redis, disk space and event loop. */
  readonly checks?: readonly Check[];
  /** What its routes work with, such as a pool of connections: starts before it serves and stops after it. */
  readonly parts?: readonly ServicePart[];
  /** What finds out who makes a request: `createSessions(…).middleware`, tokens. */
  readonly signIn?: readonly ServiceMiddleware[];
  readonly tracking?: ErrorTracking;
  readonly log?: Logger;
}

export interface Service extends Serving {
  readonly log: Logger;
  /** Serves until SIGTERM or SIGINT: see `runService`. Gives the exit code. */
  run(signals: RunOptions['signals']): Promise<0 | 1>;
}

/**
 * A service with the whole treatment around its routes: request context, metrics, errors, hardening, bodies, CSRF, rate limits, health,
 * the management port, draining; Redis and Sentry when they are set. Its settings are `operationalVariables`. Nothing listens
 * before `run`, nothing connects but to Redis. Throws CONFIGURATION_INVALID.
 */
export function createService(options: ServiceOptions): Service {
  const { name, version, environment, routes, errorFamilies = [], checks = [], parts = [], signIn = [], tracking = errorTrackingOff } = options;
  const variables = readConfiguration(z.object(operationalVariables), environment);
  const settings = operationalSettingsOf(variables);
  const { hardening } = settings;
  const { HOLDFAST_REDIS: url, HOLDFAST_REDIS_PASSWORD: password, HOLDFAST_DISK_PATH: path = '.' } = variables;
  requireSafe(deploySettingsOf(hardening, { now: new Date(), connections: url === undefined ? [] : [url] }));
  // What was read from files is not in the environment, where error tracking looks for what must never leave.
  tracking.hide([...hardening.secretKeys, ...(password === undefined ? [] : [password])]);
  const log = options.log ?? createLogger({ level: variables.HOLDFAST_LOG_LEVEL, name }, linesOfATurn());
  const redis = url === undefined ? undefined : connectRedis({ url, password, log });
  const csrf = createCsrf({ secretKeys: hardening.secretKeys, cookies: cookiesOf(hardening), trustedOrigins: hardening.trustedOrigins });
  const router = new Router<ServiceState>();
  routes(router, { log, tracking, csrf, redis });
  const serving = createServing({
    settings,
    version,
    log,
    tracking,
    checks: [...checks, ...(redis ? [redisCheck(redis)] : []), diskSpaceCheck({ path }), eventLoopCheck()],
    parts: [...(redis ? [redisPart(redis)] : []), ...parts],
    inspection: { configuration: () => variables },
    app: ({ health, registry }) =>
      createApplication({
        router,
        errorFamilies,
        signIn,
        csrf,
        rateLimits: sharedRateLimits({ redis, log }),
        ratePerMinute: variables.HOLDFAST_RATE_LIMIT,
        health,
        identity: { serviceId: name, releaseId: version },
        hardening,
        registry,
        tracking,
        log,
      }),
  });
  const { drainMs, deadlineMs } = settings;
  return { ...serving, log, run: async (signals) => runService({ parts: serving.parts, lifecycle: serving.lifecycle, log, signals, drainMs, deadlineMs }) };
}
