import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { type Environment, readConfiguration } from '../operations/configuration.ts';
import { logLevels } from '../operations/logging.ts';
import { type Hardening, type Mode, modes } from '../operations/security/hardening.ts';
import { hardeningOfVariables, hardeningVariables } from '../operations/security/hardening-variables.ts';

const port = z.coerce.number('use a port number').int('use a port number').min(0).max(65_535);
const seconds = z.coerce.number('use a number of seconds').min(0).max(3600);

/** Every variable that the service reads. What has no default here gets one of its mode. */
export const ServiceVariables = z.object({
  ...hardeningVariables,
  /** Addresses to listen on: this machine's own in development, all in production. */
  HOLDFAST_HOST: z.string().optional(),
  HOLDFAST_PORT: port.default(8080),
  HOLDFAST_MANAGEMENT_HOST: z.string().optional(),
  HOLDFAST_MANAGEMENT_PORT: port.default(8081),
  /** Accounts, tokens, sessions and audit: `sqlite:///path/of/file` or `postgres://user@host/database`. */
  HOLDFAST_CATALOG: z.string().optional(),
  HOLDFAST_CATALOG_PASSWORD: z.string().optional(),
  HOLDFAST_CATALOG_CONNECTIONS: z.coerce.number().int().min(1).max(100).default(10),
  /** `redis://host:6379/0`. Without it sessions live in the catalogue; limits and caches in the process. */
  HOLDFAST_REDIS: z.string().optional(),
  HOLDFAST_REDIS_PASSWORD: z.string().optional(),
  /** The repository whose reach is watched: `file:///path` or `s3://bucket/prefix`. */
  HOLDFAST_REPOSITORY: z.string().optional(),
  HOLDFAST_S3_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  HOLDFAST_S3_REGION: z.string().optional(),
  HOLDFAST_S3_PATH_STYLE: z.stringbool().optional(),
  HOLDFAST_S3_CA_FILE: z.string().optional(),
  /** The file system whose space is watched; default: the catalogue's, or the working directory's. */
  HOLDFAST_DISK_PATH: z.string().optional(),
  /** Requests a minute of one caller. */
  HOLDFAST_RATE_LIMIT: z.coerce.number().int().min(1).max(1_000_000).default(600),
  /** How long the service still serves after SIGTERM while load balancers turn away, and until what is in flight is cut off. */
  HOLDFAST_DRAIN_SECONDS: seconds.optional(),
  HOLDFAST_DEADLINE_SECONDS: seconds.default(25),
  HOLDFAST_LOG_LEVEL: z.enum(logLevels).default('info'),
});
export type ServiceVariables = z.infer<typeof ServiceVariables>;

/** What a mode sets beyond the hardening table: where the service is reached, and how patiently it stops. */
const modeDefaults = {
  development: { host: '127.0.0.1', drainSeconds: 0 },
  production: { host: '0.0.0.0', drainSeconds: 5 },
} as const satisfies Record<Mode, object>;

export interface ServiceConfiguration {
  readonly variables: ServiceVariables;
  readonly hardening: Hardening;
  readonly host: string;
  readonly managementHost: string;
  readonly catalogUrl: string;
  readonly diskPath: string;
  readonly drainMs: number;
  readonly deadlineMs: number;
}

/** Where a service keeps what it is not told to keep elsewhere. */
export const defaultFolder = '.holdfast';

/** Reads the environment. Throws CONFIGURATION_INVALID, which names every bad variable. */
export function readServiceConfiguration(environment: Environment, { folder }: { readonly folder: string }): ServiceConfiguration {
  const variables = readConfiguration(ServiceVariables, environment);
  const { host, drainSeconds } = modeDefaults[variables.HOLDFAST_MODE];
  return {
    variables,
    hardening: hardeningOfVariables(variables),
    host: variables.HOLDFAST_HOST ?? host,
    managementHost: variables.HOLDFAST_MANAGEMENT_HOST ?? host,
    catalogUrl: variables.HOLDFAST_CATALOG ?? `sqlite://${join(folder, defaultFolder, 'catalog.sqlite')}`,
    diskPath: variables.HOLDFAST_DISK_PATH ?? diskPathOf(variables.HOLDFAST_CATALOG) ?? folder,
    drainMs: (variables.HOLDFAST_DRAIN_SECONDS ?? drainSeconds) * 1000,
    deadlineMs: variables.HOLDFAST_DEADLINE_SECONDS * 1000,
  };
}

/** The folder of an SQLite catalogue: it fills up first. */
function diskPathOf(catalog: string | undefined): string | undefined {
  const path = catalog === undefined ? undefined : /^sqlite:\/\/(\/.+)$/.exec(catalog)?.[1];
  return path !== undefined && isAbsolute(path) ? join(path, '..') : undefined;
}

/** A mode by its name, for the option that sets it in place of the variable. */
export function isMode(text: string): text is Mode {
  return (modes as readonly string[]).includes(text);
}
