import type { JobSettings } from '../../kubernetes/resources/fields.ts';
import type { Operation } from '../../kubernetes/resources/names.ts';

/** What is the same for all pods that one controller makes. */
export interface PodSettings {
  /** The job image, with tag or digest. */
  readonly image: string;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  /** Names of Secrets, in the namespace of the pod. */
  readonly imagePullSecrets?: readonly string[] | undefined;
  /** The version of Holdfast, for the label. */
  readonly version: string;
  /** User and group of pods; absent where the platform assigns them, as OpenShift does. */
  readonly userId?: number | undefined;
  /** Over the defaults here, under what a resource asks for. */
  readonly resources?: ResourceRequirements | undefined;
}

/** As Kubernetes', of what is set here. */
export interface ResourceRequirements {
  readonly requests?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string>>;
}

export const defaultDeadlineSeconds = 21_600;

/** A later layer's field replaces an earlier one's whole: repository, schedule, run. */
export function mergeJobSettings(...layers: readonly (JobSettings | undefined)[]): JobSettings {
  return Object.assign({}, ...layers) as JobSettings;
}

/** Of /tmp: a drill restores there, others put small files there. */
export function temporarySpaceOf(operation: Operation, jobs: JobSettings): string {
  return jobs.temporarySpace ?? (operation === 'drill' ? '10Gi' : '256Mi');
}

/**
 * Requests and limits, quantity by quantity: what a resource asks for, else what the controller was told, else the default. /tmp counts
 * as ephemeral storage and is nearly all of it. No CPU limit: a run that is throttled holds its snapshot longer.
 */
export function resourcesOf(operation: Operation, jobs: JobSettings, settings: PodSettings): Required<ResourceRequirements> {
  const storage = { 'ephemeral-storage': temporarySpaceOf(operation, jobs) };
  const asked: ResourceRequirements = jobs.resources ?? {};
  const memory = memoryOf(operation);
  return {
    requests: { cpu: '250m', memory: memory.request, ...storage, ...settings.resources?.requests, ...asked.requests },
    limits: { memory: memory.limit, ...storage, ...settings.resources?.limits, ...asked.limits },
  };
}

/** A drill runs a database server beside the job. */
function memoryOf(operation: Operation): { readonly request: string; readonly limit: string } {
  return operation === 'drill' ? { request: '512Mi', limit: '1Gi' } : { request: '256Mi', limit: '512Mi' };
}
