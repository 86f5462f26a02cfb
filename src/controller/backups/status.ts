import type { BackupStatus } from '../../kubernetes/resources/backup.ts';
import type { Resource } from '../../kubernetes/resources/kinds.ts';
import type { Run, RunState } from '../jobs/follow-run.ts';
import { runStatusOf } from '../jobs/run-status.ts';
import { sourceNameOf } from '../pods/source-name.ts';
import { newestFirst } from '../newest-first.ts';

interface BackupFacts {
  readonly run: Run;
  readonly state: RunState;
  readonly backup: Resource<'Backup'>;
  readonly schedule: Resource<'BackupSchedule'> | undefined;
  readonly previous: BackupStatus | undefined;
  readonly now: Date;
}

export function backupStatusOf({ run, state, backup, schedule, previous, now }: BackupFacts): BackupStatus {
  const result = state.phase === 'Succeeded' ? state.outcome?.result : undefined;
  return {
    ...runStatusOf(run, state, previous, now),
    // Once known they stay: the schedule may go or change.
    repository: previous?.repository ?? backup.spec.repositoryRef?.name ?? schedule?.spec.repositoryRef.name,
    source: result?.source ?? previous?.source ?? (backup.spec.scheduleRef && !schedule ? undefined : sourceNameOf(schedule ?? backup)),
    backupId: result?.id,
    stateAt: result?.stateAt,
    rawBytes: result?.sizes?.raw,
    storedBytes: result?.sizes?.stored,
    newBytes: result?.sizes?.newStored,
    suspicious: result && (result.suspicious ?? []).length > 0,
  };
}

/** What the newest drill that came to a verdict says of a backup. Without one what was known before holds: drills are forgotten sooner than backups. */
export function proofOf(previous: BackupStatus | undefined, drills: readonly Resource<'Drill'>[]): Pick<BackupStatus, 'proven' | 'provenAt'> {
  const verdicts = drills.flatMap(({ status }) => (status?.finishedAt !== undefined && (status.result === 'Passed' || status.result === 'Failed') ? [{ at: status.finishedAt, passed: status.result === 'Passed' }] : []));
  const [newest] = newestFirst(verdicts, ({ at }) => at);
  if (!newest) return {};
  // A later pass of a proven backup is a later proof of it.
  return newest.passed ? { proven: true, provenAt: newest.at } : { proven: false, ...(previous?.provenAt !== undefined && { provenAt: previous.provenAt }) };
}
