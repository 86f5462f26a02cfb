import { scheduleNameOf } from '../../../kubernetes/resources/summaries.ts';
import type { Kept } from '../kept.ts';
import { type Intervals, intervalsOf } from './intervals.ts';

/** What the metrics are computed from: the resources as they are now. */
export interface ClusterSnapshot {
  readonly schedules: Iterable<Kept<'BackupSchedule'>>;
  readonly repositories: Iterable<Kept<'BackupRepository'>>;
  readonly backups: Iterable<Kept<'Backup'>>;
  readonly drills: Iterable<Kept<'Drill'>>;
}

/** One schedule with the runs that its metrics tell of. */
export interface ScheduleFacts {
  readonly schedule: Kept<'BackupSchedule'>;
  readonly repository: Kept<'BackupRepository'> | undefined;
  readonly intervals: Intervals;
  /** The backup that succeeded last. */
  readonly lastBackup: Kept<'Backup'> | undefined;
  /** The one that has been running for longest. */
  readonly runningBackup: Kept<'Backup'> | undefined;
  /** The drill that restored last, whatever it found. */
  readonly lastDrill: Kept<'Drill'> | undefined;
}

/** One pass over all runs, however many there are. */
export function scheduleFacts({ schedules, repositories, backups, drills }: ClusterSnapshot): ScheduleFacts[] {
  const repositoryOf = new Map([...repositories].map((repository) => [keyOf(repository, repository.metadata.name), repository]));
  const lastBackups = new Map<string, Kept<'Backup'>>();
  const runningBackups = new Map<string, Kept<'Backup'>>();
  const lastDrills = new Map<string, Kept<'Drill'>>();
  for (const backup of backups) {
    const { phase, startedAt } = backup.status ?? {};
    if (phase === 'Succeeded') keepIf(lastBackups, backup, isLater);
    if (phase === 'Running' && startedAt !== undefined) keepIf(runningBackups, backup, (one, other) => startTimeOf(one) < startTimeOf(other));
  }
  for (const drill of drills) if (drill.status?.restoreMs !== undefined) keepIf(lastDrills, drill, isLater);
  return [...schedules].map((schedule) => {
    const key = keyOf(schedule, schedule.metadata.name);
    return {
      schedule,
      repository: repositoryOf.get(keyOf(schedule, schedule.spec.repositoryRef.name)),
      intervals: intervalsOf(schedule),
      lastBackup: lastBackups.get(key),
      runningBackup: runningBackups.get(key),
      lastDrill: lastDrills.get(key),
    };
  });
}

type Run = Kept<'Backup'> | Kept<'Drill'>;

/** Keeps a run for its schedule where it is better than the one so far. Runs of no schedule count for none. */
function keepIf<Kind extends Run>(runs: Map<string, Kind>, run: Kind, isBetter: (one: Kind, other: Kind) => boolean): void {
  const name = scheduleNameOf(run);
  if (name === undefined) return;
  const key = keyOf(run, name);
  const before = runs.get(key);
  if (before === undefined || isBetter(run, before)) runs.set(key, run);
}

function isLater(one: Run, other: Run): boolean {
  return Date.parse(one.status?.finishedAt ?? '') > Date.parse(other.status?.finishedAt ?? '');
}

function startTimeOf(run: Run): number {
  return Date.parse(run.status?.startedAt ?? '');
}

function keyOf({ metadata: { namespace } }: Kept, name: string): string {
  return `${namespace}/${name}`;
}
