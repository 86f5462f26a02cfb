import type { Registry } from 'prom-client';
import type { AccountsContext } from '../catalog/accounts.ts';
import type { Health } from '../operations/health/health.ts';
import type { ServiceIdentity } from '../operations/health/health-document.ts';
import type { RateLimitStore } from '../operations/limits/rate-limit-store.ts';
import type { SignInLimiter } from '../operations/limits/sign-in-limiter.ts';
import type { Logger } from '../operations/logging.ts';
import type { Csrf } from '../operations/security/csrf.ts';
import type { Hardening } from '../operations/security/hardening.ts';
import type { ErrorTracking } from '../operations/sentry/error-tracking.ts';
import type { Sessions } from '../operations/sessions/sessions.ts';
import type { ClusterAccess } from './cluster/cluster-access.ts';

/** What the application works with; `compose.ts` makes it, tests may make parts of it differently. */
export interface ApiDependencies extends AccountsContext {
  readonly hardening: Hardening;
  readonly sessions: Sessions;
  readonly csrf: Csrf;
  readonly signInLimiter: SignInLimiter;
  readonly rateLimits: RateLimitStore;
  /** Requests a minute of one caller. */
  readonly ratePerMinute: number;
  readonly health: Health;
  readonly identity: ServiceIdentity;
  readonly registry: Registry;
  readonly tracking: ErrorTracking;
  readonly log: Logger;
  /** Present where the service runs in a cluster: its backups are served then. */
  readonly cluster?: ClusterAccess | undefined;
}
