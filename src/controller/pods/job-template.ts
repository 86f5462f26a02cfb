import type { Job } from '../../kubernetes/objects.ts';
import type { JobSettings } from '../../kubernetes/resources/fields.ts';
import { type Belonging, labelsOf } from './labels.ts';
import { type Container, type EnvironmentVariable, type Mounted, mountAll, type PodSpec, variables } from './mounts.ts';
import { defaultDeadlineSeconds, type PodSettings, resourcesOf, temporarySpaceOf } from './settings.ts';

export type JobSpec = NonNullable<Job['spec']>;

/** One run: whose it is, the command line of `holdfast`, and what it needs to see. */
export interface RunPlan extends Belonging {
  readonly arguments: readonly string[];
  readonly needs: readonly Mounted[];
  readonly jobs: JobSettings;
}

/** A finished Job stays a week, so that its log can be read. */
const keptSeconds = 604_800;

/** Exit codes that no retry helps: configuration, integrity, not found, refused by a safety rule. */
const finalExitCodes = [2, 5, 6, 7];

/** A Job's or CronJob's labels and its Job spec. The chart renders the same in `_job.tpl`; a test compares them. */
export function jobTemplate(plan: RunPlan, settings: PodSettings): { readonly labels: Record<string, string>; readonly spec: JobSpec } {
  const { operation, jobs } = plan;
  const labels = labelsOf(plan, settings.version);
  const podMetadata = { labels: { ...jobs.podLabels, ...labels }, ...(jobs.podAnnotations && { annotations: jobs.podAnnotations }) };
  return {
    labels,
    spec: {
      backoffLimit: 3,
      activeDeadlineSeconds: jobs.activeDeadlineSeconds ?? defaultDeadlineSeconds,
      ttlSecondsAfterFinished: keptSeconds,
      podFailurePolicy: {
        rules: [
          { action: 'FailJob', onExitCodes: { containerName: operation, operator: 'In', values: finalExitCodes } },
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        ],
      },
      template: { metadata: podMetadata, spec: podSpec(plan, settings) },
    },
  };
}

function podSpec(plan: RunPlan, settings: PodSettings): PodSpec {
  const { operation, jobs, needs } = plan;
  const { env, volumes, mounts } = mountAll(needs);
  const userId = jobs.userId ?? settings.userId;
  return {
    restartPolicy: 'Never',
    // A run that is told to stop leaves nothing behind that needs repair, and needs a moment for it.
    terminationGracePeriodSeconds: 60,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(settings.imagePullSecrets && { imagePullSecrets: settings.imagePullSecrets.map((name) => ({ name })) }),
    ...(jobs.serviceAccountName !== undefined && { serviceAccountName: jobs.serviceAccountName }),
    ...(jobs.priorityClassName !== undefined && { priorityClassName: jobs.priorityClassName }),
    ...(jobs.nodeSelector && { nodeSelector: jobs.nodeSelector }),
    ...(jobs.tolerations && { tolerations: jobs.tolerations }),
    ...(jobs.affinity && { affinity: jobs.affinity }),
    securityContext: {
      runAsNonRoot: true,
      ...(userId !== undefined && { runAsUser: userId, runAsGroup: userId, fsGroup: userId }),
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [container(plan, settings, { env, mounts })],
    volumes: [{ name: 'temporary', emptyDir: { sizeLimit: temporarySpaceOf(operation, jobs) } }, ...volumes],
  };
}

function container(plan: RunPlan, settings: PodSettings, { env, mounts }: Pick<Mounted, 'env' | 'mounts'>): Container {
  const { operation, jobs } = plan;
  const resultFile = '/dev/termination-log';
  return {
    name: operation,
    image: settings.image,
    imagePullPolicy: settings.imagePullPolicy,
    args: [...plan.arguments],
    env: eachOnce([...variables({ HOLDFAST_RESULT_FILE: resultFile }), ...env, ...((jobs.extraEnv ?? []) as typeof env)]),
    resources: resourcesOf(operation, jobs, settings),
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    terminationMessagePath: resultFile,
    terminationMessagePolicy: 'File',
    volumeMounts: [{ name: 'temporary', mountPath: '/tmp' }, ...mounts],
  };
}

/** Of a name that is given twice the last counts, as in a pod; but server-side apply refuses such a list. */
function eachOnce(env: Mounted['env']): EnvironmentVariable[] {
  return [...new Map(env.map((variable) => [variable.name, variable])).values()];
}
