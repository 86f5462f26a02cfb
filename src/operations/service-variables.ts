import { z } from 'zod';
import { logLevels } from './logging.ts';
import { type Hardening, type Mode } from './security/hardening.ts';
import { hardeningOfVariables, hardeningVariables } from './security/hardening-variables.ts';

const port = z.coerce.number('use a port number').int('use a port number').min(0).max(65_535);
const seconds = z.coerce.number('use a number of seconds').min(0).max(3600);

/** The variables of any service of this layer, to be read by `readConfiguration` together with its own. What has no default here gets one of its mode. */
export const operationalVariables = {
  ...hardeningVariables,
  /** Addresses to listen on: this machine's own in development, all in production. */
  HOLDFAST_HOST: z.string().optional(),
  HOLDFAST_PORT: port.default(8080),
  HOLDFAST_MANAGEMENT_HOST: z.string().optional(),
  HOLDFAST_MANAGEMENT_PORT: port.default(8081),
  /** `redis://host:6379/0`. Without it what the replicas share is kept by each for itself. */
  HOLDFAST_REDIS: z.string().optional(),
  HOLDFAST_REDIS_PASSWORD: z.string().optional(),
  /** The file system whose space is watched. */
  HOLDFAST_DISK_PATH: z.string().optional(),
  /** Requests a minute of one caller. */
  HOLDFAST_RATE_LIMIT: z.coerce.number().int().min(1).max(1_000_000).default(600),
  /** How long the service still serves after SIGTERM while load balancers turn away, and until what is in flight is cut off. */
  HOLDFAST_DRAIN_SECONDS: seconds.optional(),
  HOLDFAST_DEADLINE_SECONDS: seconds.default(25),
  HOLDFAST_LOG_LEVEL: z.enum(logLevels).default('info'),
};
export type OperationalVariables = z.infer<z.ZodObject<typeof operationalVariables>>;

/** What a mode sets beyond the hardening table: where the service is reached, and how patiently it stops. */
const modeDefaults = {
  development: { host: '127.0.0.1', drainSeconds: 0 },
  production: { host: '0.0.0.0', drainSeconds: 5 },
} as const satisfies Record<Mode, object>;

export interface OperationalSettings {
  readonly hardening: Hardening;
  readonly host: string;
  readonly port: number;
  readonly managementHost: string;
  readonly managementPort: number;
  readonly drainMs: number;
  readonly deadlineMs: number;
}

/** What these variables ask for: the mode's defaults, and what is set on top. */
export function operationalSettingsOf(variables: OperationalVariables): OperationalSettings {
  const { host, drainSeconds } = modeDefaults[variables.HOLDFAST_MODE];
  return {
    hardening: hardeningOfVariables(variables),
    host: variables.HOLDFAST_HOST ?? host,
    port: variables.HOLDFAST_PORT,
    managementHost: variables.HOLDFAST_MANAGEMENT_HOST ?? host,
    managementPort: variables.HOLDFAST_MANAGEMENT_PORT,
    drainMs: (variables.HOLDFAST_DRAIN_SECONDS ?? drainSeconds) * 1000,
    deadlineMs: variables.HOLDFAST_DEADLINE_SECONDS * 1000,
  };
}
