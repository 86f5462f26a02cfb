import type { Resource } from '../../kubernetes/resources/kinds.ts';
import { labels } from '../../kubernetes/resources/names.ts';
import type { RunResult } from '../../kubernetes/run-result.ts';
import type { ControllerContext } from '../context.ts';
import { newestEnded } from '../jobs/newest-ended.ts';
import { sourceNameOf } from '../pods/source-name.ts';
import { writeStatus } from '../write-status.ts';
import { isRetained } from './runs.ts';

/**
 * Marks what the newest retention run that ended well forgot, and gives when it ended; undefined where none is seen that is newer than the
 * status says. A run lists what it kept of the source: what is older and not among it is gone, whichever run forgot it. What the schedule
 * made while it had another source or repository was not looked at.
 */
export async function followRetention(context: ControllerContext, schedule: Resource<'BackupSchedule'>, backups: readonly Resource<'Backup'>[], signal: AbortSignal): Promise<string | undefined> {
  const newest = await newestEnded(context, schedule, { operation: 'retention', after: schedule.status?.lastRetentionTime, wanted: ({ succeeded }) => succeeded }, signal);
  if (newest?.result === undefined) return newest?.finishedAt;
  const { startedAt = '', finishedAt, result } = newest;
  const isForgotten = forgottenBy(result, startedAt);
  const isLookedAt = ({ status }: Resource<'Backup'>) => status?.source === sourceNameOf(schedule) && status.repository === schedule.spec.repositoryRef.name;
  for (const backup of backups.filter((candidate) => isRetained(candidate) && isLookedAt(candidate) && isForgotten(candidate))) {
    await writeStatus(context, 'Backup', backup, (previous) => ({ ...previous, forgottenAt: finishedAt }), { signal });
  }
  return finishedAt;
}

function forgottenBy({ keptIds, forgottenIds }: RunResult, startedAt: string): (backup: Resource<'Backup'>) => boolean {
  const gone = new Set(forgottenIds ?? []);
  const stay = keptIds && new Set(keptIds);
  return ({ status }) => {
    if (status?.backupId === undefined) return false;
    return gone.has(status.backupId) || (stay !== undefined && (status.finishedAt ?? '') < startedAt && !stay.has(status.backupId));
  };
}

/** Puts the label of the newest proven backup where it belongs, and nowhere else. */
export async function labelLastProven({ client }: Pick<ControllerContext, 'client'>, backups: readonly Resource<'Backup'>[], proven: Resource<'Backup'> | undefined, signal: AbortSignal): Promise<void> {
  for (const backup of backups) {
    const isLabelled = backup.metadata.labels?.[labels.lastProven] !== undefined;
    if (isLabelled === (backup === proven)) continue;
    await client.patch('Backup', backup.metadata, { metadata: { labels: { [labels.lastProven]: isLabelled ? null : 'true' } } }, { signal });
  }
}
