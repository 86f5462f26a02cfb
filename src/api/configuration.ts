import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { commaList, type Environment, readConfiguration } from '../operations/configuration.ts';
import { type Mode, modes } from '../operations/security/hardening.ts';
import { type DeploySettings, deploySettingsOf } from '../operations/security/self-check/deploy-check.ts';
import { type OperationalSettings, operationalSettingsOf, operationalVariables } from '../operations/service-variables.ts';

/** Every variable that the service reads. What has no default here gets one of its mode. */
export const ServiceVariables = z.object({
  ...operationalVariables,
  /** Accounts, tokens, sessions and audit: `sqlite:///path/of/file` or `postgres://user@host/database`. */
  HOLDFAST_CATALOG: z.string().optional(),
  HOLDFAST_CATALOG_PASSWORD: z.string().optional(),
  HOLDFAST_CATALOG_CONNECTIONS: z.coerce.number().int().min(1).max(100).default(10),
  /** The repository whose reach is watched: `file:///path` or `s3://bucket/prefix`. */
  HOLDFAST_REPOSITORY: z.string().optional(),
  HOLDFAST_S3_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  HOLDFAST_S3_REGION: z.string().optional(),
  HOLDFAST_S3_PATH_STYLE: z.stringbool().optional(),
  HOLDFAST_S3_CA_FILE: z.string().optional(),
  /** In a cluster: its backups are served and measured. */
  HOLDFAST_KUBERNETES: z.stringbool().default(false),
  /** Whose backups; all namespaces' when not given. */
  HOLDFAST_WATCH_NAMESPACES: commaList.default([]),
});
export type ServiceVariables = z.infer<typeof ServiceVariables>;

export interface ServiceConfiguration extends OperationalSettings {
  readonly variables: ServiceVariables;
  /** For what is found by conventions that are not ours: the way to the cluster. */
  readonly environment: Environment;
  readonly catalogUrl: string;
  readonly diskPath: string;
}

/** Where a service keeps what it is not told to keep elsewhere. */
export const defaultFolder = '.holdfast';

/** Reads the environment. Throws CONFIGURATION_INVALID, which names every bad variable. */
export function readServiceConfiguration(environment: Environment, { folder }: { readonly folder: string }): ServiceConfiguration {
  const variables = readConfiguration(ServiceVariables, environment);
  return {
    ...operationalSettingsOf(variables),
    variables,
    environment,
    catalogUrl: variables.HOLDFAST_CATALOG ?? `sqlite://${join(folder, defaultFolder, 'catalog.sqlite')}`,
    diskPath: variables.HOLDFAST_DISK_PATH ?? diskPathOf(variables.HOLDFAST_CATALOG) ?? folder,
  };
}

/** What the self-check judges of a configuration. */
export function judgedSettingsOf({ hardening, catalogUrl, variables }: ServiceConfiguration): DeploySettings {
  const connections = [catalogUrl, variables.HOLDFAST_REDIS].filter((address) => address !== undefined);
  return deploySettingsOf(hardening, { now: new Date(), connections });
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
