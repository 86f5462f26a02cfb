import { z } from 'zod';
import { type Environment, readConfiguration } from '../operations/configuration.ts';
import { logLevels } from '../operations/logging.ts';
import type { PodSettings } from './pods/settings.ts';

const list = z.string().transform((text) => text.split(',').map((item) => item.trim()).filter((item) => item !== ''));
const port = z.coerce.number('use a port number').int('use a port number').min(0).max(65_535);
const Quantities = z.record(z.string(), z.string());

/** JSON in a variable. */
const Resources = z.string().transform((text, context) => {
  try {
    return z.strictObject({ requests: Quantities.optional(), limits: Quantities.optional() }).parse(JSON.parse(text));
  } catch {
    context.addIssue({ code: 'custom', message: 'use JSON: {"requests": {"cpu": "250m"}, "limits": {}}' });
    return z.NEVER;
  }
});

/** `platform`: user and group are assigned to the pod, as OpenShift does. */
const UserId = z.union([z.literal('platform'), z.coerce.number('use a user id, or platform').int().min(1)]);

/** Every variable that the controller reads, those of error tracking aside. */
export const ControllerVariables = z.object({
  HOLDFAST_JOB_IMAGE: z.string().min(1),
  HOLDFAST_JOB_IMAGE_PULL_POLICY: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent'),
  /** Names of Secrets in the namespaces of the pods. */
  HOLDFAST_JOB_IMAGE_PULL_SECRETS: list.optional(),
  HOLDFAST_JOB_RESOURCES: Resources.optional(),
  HOLDFAST_JOB_USER_ID: UserId.default(65_532),
  /** Namespaces, by commas. Empty: all. */
  HOLDFAST_WATCH_NAMESPACES: list.default([]),
  HOLDFAST_LEASE_NAMESPACE: z.string().min(1),
  HOLDFAST_LEASE_NAME: z.string().min(1).default('holdfast-controller'),
  /** Of this process among its replicas: the pod's name. */
  HOLDFAST_IDENTITY: z.string().min(1),
  HOLDFAST_MANAGEMENT_HOST: z.string().default('0.0.0.0'),
  HOLDFAST_MANAGEMENT_PORT: port.default(8081),
  /** When to cut off what is in flight after SIGTERM: below the pod's grace period. */
  HOLDFAST_DEADLINE_SECONDS: z.coerce.number('use a number of seconds').min(0).max(3600).default(25),
  HOLDFAST_LOG_LEVEL: z.enum(logLevels).default('info'),
});
export type ControllerVariables = z.infer<typeof ControllerVariables>;

/** Reads the environment. Throws CONFIGURATION_INVALID, which names every bad variable. */
export function readControllerConfiguration(environment: Environment): ControllerVariables {
  return readConfiguration(ControllerVariables, environment);
}

/** How pods of jobs are made, by these variables. */
export function podSettingsOf(variables: ControllerVariables, version: string): PodSettings {
  return {
    image: variables.HOLDFAST_JOB_IMAGE,
    imagePullPolicy: variables.HOLDFAST_JOB_IMAGE_PULL_POLICY,
    imagePullSecrets: variables.HOLDFAST_JOB_IMAGE_PULL_SECRETS,
    version,
    userId: variables.HOLDFAST_JOB_USER_ID === 'platform' ? undefined : variables.HOLDFAST_JOB_USER_ID,
    resources: variables.HOLDFAST_JOB_RESOURCES as PodSettings['resources'],
  };
}
