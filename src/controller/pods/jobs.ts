import type { Job } from '../../kubernetes/objects.ts';
import type { Resource } from '../../kubernetes/resources/kinds.ts';
import { annotations } from '../../kubernetes/resources/names.ts';
import { jobTemplate, type RunPlan } from './job-template.ts';
import { initJobName, runJobName } from './names.ts';
import { ownedBy } from './owned-by.ts';
import { planBackup, planDrill, planForget, planInit, planRestore } from './plans.ts';
import type { PodSettings } from './settings.ts';
import { sourceNameOf } from './source-name.ts';

/** What a one-shot resource refers to, looked up. `schedule` is the one that `scheduleRef` names. */
export interface References {
  readonly repository: Resource<'BackupRepository'>;
  readonly schedule?: Resource<'BackupSchedule'> | undefined;
}

/** `backup-<name>`. Undefined where it names neither database nor schedule, which the API server refuses. */
export function jobOfBackup(backup: Resource<'Backup'>, { repository, schedule }: References, settings: PodSettings): Job | undefined {
  const { metadata, spec } = backup;
  const source = spec.source ?? schedule?.spec.source;
  if (!source) return undefined;
  const owner = { repository, source: sourceNameOf(schedule ?? backup), schedule: schedule?.metadata.name, run: metadata.name, jobs: [schedule?.spec.jobs, spec.jobs] };
  return jobOf(backup, runJobName('backup', metadata.name), planBackup(owner, source, spec.backup ?? schedule?.spec.backup), settings);
}

/** `restore-<name>`. */
export function jobOfRestore(restore: Resource<'Restore'>, repository: Resource<'BackupRepository'>, settings: PodSettings): Job {
  const { metadata, spec } = restore;
  return jobOf(restore, runJobName('restore', metadata.name), planRestore({ repository, source: spec.sourceName, run: metadata.name, jobs: [spec.jobs] }, restore), settings);
}

/** `drill-<name>`. Undefined where it names neither source nor schedule, which the API server refuses. */
export function jobOfDrill(drill: Resource<'Drill'>, { repository, schedule }: References, settings: PodSettings): Job | undefined {
  const { metadata, spec } = drill;
  const source = schedule ? sourceNameOf(schedule) : spec.sourceName;
  if (source === undefined) return undefined;
  const owner = { repository, source, schedule: schedule?.metadata.name, run: metadata.name, jobs: [schedule?.spec.jobs, schedule?.spec.drill?.jobs, spec.jobs] };
  return jobOf(drill, runJobName('drill', metadata.name), planDrill(owner, spec.backup, spec.assertionsConfigMap ?? schedule?.spec.drill?.assertionsConfigMap), settings);
}

/** `<repository>-init`. */
export function initJobOf(repository: Resource<'BackupRepository'>, settings: PodSettings): Job {
  return jobOf(repository, initJobName(repository.metadata.name), planInit({ repository, jobs: [] }), settings);
}

/** `forget-<name>-<end of the id>`, for a Backup that is gone: owned by the repository. Another Backup of that name may have gone before. Undefined where no backup came of it. */
export function forgetJobOf(backup: Resource<'Backup'>, repository: Resource<'BackupRepository'>, settings: PodSettings): Job | undefined {
  const { metadata, status } = backup;
  if (status?.backupId === undefined || status.source === undefined) return undefined;
  const confirmed = metadata.annotations?.[annotations.allowDelete] === 'true';
  const owner = { repository, source: status.source, run: metadata.name, jobs: [backup.spec.jobs] };
  return jobOf(repository, runJobName('forget', `${metadata.name}-${status.backupId.slice(-6)}`), planForget(owner, status.backupId, { confirmed }), settings);
}

function jobOf(owner: Resource, name: string, plan: RunPlan, settings: PodSettings): Job {
  const { labels, spec } = jobTemplate(plan, settings);
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace: owner.metadata.namespace, labels, ownerReferences: [ownedBy(owner)] }, spec };
}
