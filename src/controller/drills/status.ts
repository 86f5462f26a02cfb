import type { DrillStatus } from '../../kubernetes/resources/drill.ts';
import type { Resource } from '../../kubernetes/resources/kinds.ts';
import type { Run, RunState } from '../jobs/follow-run.ts';
import { runStatusOf } from '../jobs/run-status.ts';
import { sourceNameOf } from '../pods/source-name.ts';

interface DrillFacts {
  readonly run: Run;
  readonly state: RunState;
  readonly drill: Resource<'Drill'>;
  readonly schedule: Resource<'BackupSchedule'> | undefined;
  readonly previous: DrillStatus | undefined;
  readonly now: Date;
}

export function drillStatusOf({ run, state, drill, schedule, previous, now }: DrillFacts): DrillStatus {
  const result = state.outcome?.result;
  return {
    ...runStatusOf(run, state, previous, now),
    source: result?.source ?? previous?.source ?? drill.spec.sourceName ?? (schedule && sourceNameOf(schedule)),
    backupId: result?.id,
    result: verdictOf(state),
    restoreMs: result?.restoreMs,
    checkMs: result?.checkMs,
    ageMs: result?.ageMs,
    stateAt: result?.stateAt,
  };
}

/** Failed only where the drill itself said so: one that could not run says nothing of the backup. */
function verdictOf({ phase, outcome }: RunState): DrillStatus['result'] {
  if (phase === 'Succeeded') return 'Passed';
  if (phase !== 'Failed') return undefined;
  return outcome?.result?.outcome === 'failed' ? 'Failed' : 'Error';
}
