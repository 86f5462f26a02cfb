import type { BackupOptions, RetentionField } from '../../kubernetes/resources/backup-schedule.ts';
import type { JobSettings, SourceField } from '../../kubernetes/resources/fields.ts';
import type { Resource } from '../../kubernetes/resources/kinds.ts';
import type { Operation } from '../../kubernetes/resources/names.ts';
import type { RunPlan } from './job-template.ts';
import { type Access, assertionsPath, needAssertions, needBackupOptions, needDatabase, needRepository, needSourceName } from './needs.ts';
import type { Mounted } from './mounts.ts';
import { mergeJobSettings } from './settings.ts';

/** Whom a run works for. */
export interface RunOwner {
  readonly repository: Resource<'BackupRepository'>;
  readonly schedule?: string | undefined;
  /** The Backup, Restore or Drill. */
  readonly run?: string | undefined;
  /** The nearer ones last; the repository's lie under them. */
  readonly jobs: readonly (JobSettings | undefined)[];
}

/** A run on the backups of one source. */
export interface SourceRunOwner extends RunOwner {
  readonly source: string;
}

export function planBackup(owner: SourceRunOwner, database: SourceField, options: BackupOptions = {}): RunPlan {
  const flags = [...(options.compress === false ? ['--no-compress'] : []), ...(options.globals === false ? ['--no-globals'] : [])];
  return planSourceRun('backup', owner, { arguments: ['backup', ...flags], access: 'write', needs: [needDatabase('source', database), needBackupOptions(options)] });
}

export function planDrill(owner: SourceRunOwner, backup: string, assertions?: { readonly name: string; readonly key: string }): RunPlan {
  const options = assertions ? ['--assertions', assertionsPath] : [];
  return planSourceRun('drill', owner, { arguments: ['drill', backup, ...options], access: 'read', needs: assertions ? [needAssertions(assertions)] : [] });
}

export function planRetention(owner: SourceRunOwner, { keepLast, keepHourly, keepDaily, keepWeekly, keepMonthly, keepYearly, keepWithin, olderThan }: RetentionField): RunPlan {
  const rules = {
    'keep-last': keepLast,
    'keep-hourly': keepHourly,
    'keep-daily': keepDaily,
    'keep-weekly': keepWeekly,
    'keep-monthly': keepMonthly,
    'keep-yearly': keepYearly,
    'keep-within': keepWithin,
    'older-than': olderThan,
  };
  const options = Object.entries(rules).flatMap(([rule, value]) => (value === undefined ? [] : [`--${rule}`, String(value)]));
  return planSourceRun('retention', owner, { arguments: ['cleanup', ...options], access: 'write' });
}

/** A held restore's `latest` is that of when it was asked for, whichever of its pods comes through. */
export function planRestore(owner: SourceRunOwner, { spec, metadata }: Resource<'Restore'>): RunPlan {
  const options = [
    ...(spec.mode === 'New' ? [] : [`--${spec.mode.toLowerCase()}`]),
    ...(spec.endSessions ? ['--end-sessions'] : []),
    ...(spec.skipOwners ? ['--skip-owners'] : []),
    ...(metadata.creationTimestamp === undefined ? [] : ['--finished-by', latestMoment(metadata.creationTimestamp)]),
  ];
  return planSourceRun('restore', owner, { arguments: ['restore', spec.backup, ...options], access: 'read', needs: [needDatabase('target', spec.target)] });
}

/** `confirmed`: also the only backup that is known to be restorable. */
export function planForget(owner: SourceRunOwner, backup: string, { confirmed }: { readonly confirmed: boolean }): RunPlan {
  return planSourceRun('forget', owner, { arguments: ['forget', backup, ...(confirmed ? ['--yes'] : [])], access: 'write' });
}

/** Makes the repository where there is none and it may; looks whether the keys fit where there is one. */
export function planInit(owner: RunOwner): RunPlan {
  const { initialize, encryption } = owner.repository.spec;
  const options = [initialize ? '--if-missing' : '--check', ...(encryption === 'none' ? ['--no-encryption'] : [])];
  return planRun('init', owner, { arguments: ['init', ...options], access: 'write' });
}

export function planPrune(owner: RunOwner): RunPlan {
  return planRun('prune', owner, { arguments: ['prune'], access: 'write' });
}

export function planVerify(owner: RunOwner, readData: string | undefined): RunPlan {
  const options = readData === undefined ? [] : readData === 'all' ? ['--read-data'] : ['--read-data', readData];
  return planRun('verify', owner, { arguments: ['verify', ...options], access: 'write' });
}

interface Work {
  readonly arguments: readonly string[];
  readonly access: Access;
  readonly needs?: readonly Mounted[];
}

function planSourceRun(operation: Operation, owner: SourceRunOwner, work: Work): RunPlan {
  return { ...planRun(operation, owner, { ...work, needs: [needSourceName(owner.source), ...(work.needs ?? [])] }), source: owner.source };
}

function planRun(operation: Operation, { repository, schedule, run, jobs }: RunOwner, { arguments: given, access, needs = [] }: Work): RunPlan {
  return {
    operation,
    repository: repository.metadata.name,
    schedule,
    run,
    arguments: given,
    needs: [needRepository(repository.spec, access), ...needs],
    jobs: mergeJobSettings(repository.spec.jobs, ...jobs),
  };
}

/** Clocks of nodes differ a little, and the API server's time has whole seconds: a backup that had just finished counts. */
function latestMoment(askedAt: string): string {
  return new Date(Date.parse(askedAt) + 60_000).toISOString();
}
