import type { RestoreStatus } from '../../kubernetes/resources/restore.ts';
import type { Run, RunState } from '../jobs/follow-run.ts';
import { runStatusOf } from '../jobs/run-status.ts';

interface RestoreFacts {
  readonly run: Run;
  readonly state: RunState;
  readonly previous: RestoreStatus | undefined;
  readonly now: Date;
}

export function restoreStatusOf({ run, state, previous, now }: RestoreFacts): RestoreStatus {
  const result = state.outcome?.result;
  return { ...runStatusOf(run, state, previous, now), backupId: result?.id, stateAt: result?.stateAt, safetyBackupId: result?.safetyBackup };
}
