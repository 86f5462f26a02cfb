import type { Resource } from '../../kubernetes/resources/kinds.ts';
import { isOver } from '../jobs/run-status.ts';
import { newestFirst } from '../newest-first.ts';

type Backup = Resource<'Backup'>;
type Drill = Resource<'Drill'>;

export const isSucceeded = ({ status }: Backup): boolean => status?.phase === 'Succeeded';

/** Still in the repository, as far as is known here. */
export const isRetained = (backup: Backup): boolean => isSucceeded(backup) && backup.status?.forgottenAt === undefined;

/** When a run began, or was asked for: ISO 8601. */
export function beginningOf({ metadata, status }: Backup | Drill): string {
  return status?.startedAt ?? metadata.creationTimestamp ?? '';
}

export function isActive(run: Backup | Drill): boolean {
  return !isOver(run);
}

/** Those that ended, the newest first. */
export function endedNewestFirst<Run extends Backup | Drill>(runs: readonly Run[]): Run[] {
  return newestFirst(runs.filter(isOver), ({ status }) => status?.finishedAt);
}

/** The newest state that a drill has proven and that is still there: what the admission policy keeps from being deleted. */
export function newestProven(backups: readonly Backup[]): Backup | undefined {
  const proven = backups.filter((backup) => isRetained(backup) && backup.status?.proven === true);
  return newestFirst(proven, ({ status }) => status?.stateAt)[0];
}
