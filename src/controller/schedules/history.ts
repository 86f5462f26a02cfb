import type { Resource } from '../../kubernetes/resources/kinds.ts';
import { annotations, labels } from '../../kubernetes/resources/names.ts';
import { endedNewestFirst } from './runs.ts';

/** Failed runs and drills that are kept to look at. */
const kept = 20;
/** A forgotten backup can be recalled for so long; its record goes afterwards. */
const recallableMs = 7 * 86_400_000;

interface History {
  readonly backups: readonly Resource<'Backup'>[];
  readonly drills: readonly Resource<'Drill'>[];
  readonly now: Date;
}

/** Records of a schedule that say nothing any more: of what is no longer in the repository, and of old failures and drills. What a person asked for stays. */
export function expiredRecords({ backups, drills, now }: History): { readonly backups: Resource<'Backup'>[]; readonly drills: Resource<'Drill'>[] } {
  const forgotten = backups.filter(({ status }) => status?.forgottenAt !== undefined && now.getTime() - Date.parse(status.forgottenAt) > recallableMs);
  const failed = endedNewestFirst(backups.filter(({ status }) => status?.phase === 'Failed')).slice(kept);
  return {
    backups: [...forgotten, ...failed].filter((backup) => isMadeBySchedule(backup) && backup.metadata.labels?.[labels.lastProven] === undefined),
    drills: endedNewestFirst(drills).slice(kept).filter(isMadeBySchedule),
  };
}

function isMadeBySchedule({ metadata }: Resource<'Backup'> | Resource<'Drill'>): boolean {
  return metadata.annotations?.[annotations.origin] !== undefined;
}
