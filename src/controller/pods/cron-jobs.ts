import { resolveCron } from '../../kubernetes/cron.ts';
import type { CronJob } from '../../kubernetes/objects.ts';
import type { Resource } from '../../kubernetes/resources/kinds.ts';
import { jobTemplate, type RunPlan } from './job-template.ts';
import { cronJobName } from './names.ts';
import { ownedBy } from './owned-by.ts';
import { planBackup, planDrill, planPrune, planRetention, planVerify, type SourceRunOwner } from './plans.ts';
import type { PodSettings } from './settings.ts';
import { sourceNameOf } from './source-name.ts';

interface Timing {
  readonly schedule: string;
  readonly timeZone: string;
  readonly suspend?: boolean | undefined;
}

/** As long as a drill, prune or verify run may start late; a schedule says it of its backups. */
const startingDeadlineSeconds = 3600;

/** A controller that was away for some hours still records each run. */
const keptJobs = 10;

/** `<schedule>-backup`, and where asked for `-drill` and `-retention`. A suspended schedule suspends all of them. Throws CRON_INVALID. */
export function cronJobsOfSchedule(schedule: Resource<'BackupSchedule'>, repository: Resource<'BackupRepository'>, settings: PodSettings): CronJob[] {
  const { spec } = schedule;
  const owner: SourceRunOwner = { repository, source: sourceNameOf(schedule), schedule: schedule.metadata.name, jobs: [spec.jobs] };
  const cronJob = (timing: Timing, plan: RunPlan, deadline = startingDeadlineSeconds) =>
    cronJobOf(schedule, { ...timing, suspend: spec.suspend === true || timing.suspend === true }, plan, { settings, startingDeadlineSeconds: deadline });
  const { drill, retention } = spec;
  return [
    cronJob(spec, planBackup(owner, spec.source, spec.backup), spec.startingDeadlineSeconds),
    ...(drill ? [cronJob(drill, planDrill({ ...owner, jobs: [spec.jobs, drill.jobs] }, 'latest', drill.assertionsConfigMap))] : []),
    ...(retention ? [cronJob(retention, planRetention(owner, retention))] : []),
  ];
}

/** `<repository>-prune` and `<repository>-verify`, where asked for. Throws CRON_INVALID. */
export function cronJobsOfRepository(repository: Resource<'BackupRepository'>, settings: PodSettings): CronJob[] {
  const { prune, verify } = repository.spec;
  const owner = { repository, jobs: [] };
  return [
    ...(prune ? [cronJobOf(repository, prune, planPrune(owner), { settings, startingDeadlineSeconds })] : []),
    ...(verify ? [cronJobOf(repository, verify, planVerify(owner, verify.readData), { settings, startingDeadlineSeconds })] : []),
  ];
}

function cronJobOf(
  owner: Resource<'BackupSchedule' | 'BackupRepository'>,
  { schedule, timeZone, suspend = false }: Timing,
  plan: RunPlan,
  { settings, startingDeadlineSeconds: deadline }: { readonly settings: PodSettings; readonly startingDeadlineSeconds: number },
): CronJob {
  const { namespace, name } = owner.metadata;
  const { labels, spec } = jobTemplate(plan, settings);
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: cronJobName(name, plan.operation), namespace, labels, ownerReferences: [ownedBy(owner)] },
    spec: {
      schedule: resolveCron(schedule, `${namespace}/${name}/${plan.operation}`),
      timeZone,
      suspend,
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: deadline,
      successfulJobsHistoryLimit: keptJobs,
      failedJobsHistoryLimit: keptJobs,
      jobTemplate: { metadata: { labels }, spec },
    },
  };
}
