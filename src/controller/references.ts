import type { Resource } from '../kubernetes/resources/kinds.ts';
import { controllerErrors } from './controller-errors.ts';
import type { References } from './pods/jobs.ts';
import { besideOf, type View } from './view.ts';

/** The repository that an object names. Throws REPOSITORY_MISSING. */
export function repositoryNamed({ repositories }: Pick<View, 'repositories'>, { metadata }: Pick<Resource, 'metadata'>, name: string | undefined): Resource<'BackupRepository'> {
  const key = besideOf(metadata, name);
  const repository = key && repositories.get(key);
  if (!repository) throw controllerErrors.REPOSITORY_MISSING({ repository: name ?? '', namespace: metadata.namespace });
  return repository;
}

/** The same, once runs can use it: before, they would fail for want of it. Throws REPOSITORY_NOT_READY too. */
export function usableRepository(view: Pick<View, 'repositories'>, object: Pick<Resource, 'metadata'>, name: string | undefined): Resource<'BackupRepository'> {
  const repository = repositoryNamed(view, object, name);
  if (repository.status?.repositoryId === undefined) throw controllerErrors.REPOSITORY_NOT_READY({ repository: repository.metadata.name });
  return repository;
}

/** What a Backup or Drill refers to. Throws SCHEDULE_MISSING and those of `usableRepository`. */
export function referencesOf(view: Pick<View, 'repositories' | 'schedules'>, run: Resource<'Backup'> | Resource<'Drill'>): References {
  const { metadata, spec } = run;
  const schedule = scheduleOf(view, run);
  if (spec.scheduleRef && !schedule) throw controllerErrors.SCHEDULE_MISSING({ schedule: spec.scheduleRef.name, namespace: metadata.namespace });
  return { schedule, repository: usableRepository(view, run, spec.repositoryRef?.name ?? schedule?.spec.repositoryRef.name) };
}

export function scheduleOf({ schedules }: Pick<View, 'schedules'>, { metadata, spec }: Resource<'Backup'> | Resource<'Drill'>): Resource<'BackupSchedule'> | undefined {
  const key = besideOf(metadata, spec.scheduleRef?.name);
  return key && schedules.get(key);
}
