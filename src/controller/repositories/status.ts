import type { BackupRepositoryStatus } from '../../kubernetes/resources/backup-repository.ts';
import type { RunFailure } from '../../kubernetes/resources/fields.ts';
import type { Resource } from '../../kubernetes/resources/kinds.ts';
import type { RunResult } from '../../kubernetes/run-result.ts';
import { exitCodes } from '../../operations/exit-codes.ts';
import { conditionOf, conditionsOf, type Finding } from '../conditions.ts';
import { reasonOf } from '../findings.ts';
import type { JobOutcome } from '../jobs/job-outcome.ts';
import { newestFirst } from '../newest-first.ts';

export interface RepositoryFacts {
  readonly repository: Resource<'BackupRepository'>;
  /** Whether its CronJobs could be put in place. */
  readonly inPlace: Finding;
  /** The newest of each that ended since the status was written, as far as they are still seen. */
  readonly init: JobOutcome | undefined;
  readonly prune: JobOutcome | undefined;
  readonly verify: JobOutcome | undefined;
  readonly backups: readonly Resource<'Backup'>[];
  readonly now: Date;
}

export function repositoryStatusOf(facts: RepositoryFacts, previous: BackupRepositoryStatus | undefined): BackupRepositoryStatus {
  const { repository, init, prune, verify, now } = facts;
  const { generation } = repository.metadata;
  const space = spaceOf(facts, previous);
  return {
    // Of which the answer is: until the repository was asked anew, the one before.
    observedGeneration: init === undefined ? previous?.observedGeneration : generation,
    conditions: conditionsOf(previous?.conditions, [readyFinding(facts, previous), ...wholeFinding(verify, previous)], { now, generation }),
    repositoryId: (init?.succeeded === true ? init.result?.id : undefined) ?? previous?.repositoryId,
    lastPruneTime: prune?.succeeded === true ? prune.finishedAt : previous?.lastPruneTime,
    freedBytes: prune?.succeeded === true ? prune.result?.bytes : previous?.freedBytes,
    lastVerifyTime: verify !== undefined && verdictOf(verify) !== undefined ? verify.finishedAt : previous?.lastVerifyTime,
    findings: verify?.result?.found ?? previous?.findings,
    freeBytes: space?.freeBytes ?? previous?.freeBytes,
    totalBytes: space?.totalBytes ?? previous?.totalBytes,
  };
}

/** What the newest run saw of the volume; undefined where a later one has noted what it saw. */
function spaceOf({ init, prune, verify, backups }: RepositoryFacts, previous: BackupRepositoryStatus | undefined): RunResult['space'] {
  const noted = [previous?.lastPruneTime, previous?.lastVerifyTime, ...backups.map(({ status }) => status?.finishedAt)];
  const [lastNoted = ''] = newestFirst(noted, (at) => at);
  const newer = [init, prune, verify].filter((run) => run !== undefined).filter(({ finishedAt, result }) => finishedAt >= lastNoted && result?.space !== undefined);
  return newestFirst(newer, ({ finishedAt }) => finishedAt)[0]?.result?.space;
}

interface Answer {
  readonly at: string;
  readonly failure?: RunFailure | undefined;
}

/** `Ready`: what the newest run that reached the store, or did not, tells of it. */
function readyFinding({ inPlace, init, prune, verify, backups }: RepositoryFacts, previous: BackupRepositoryStatus | undefined): Finding {
  if (inPlace.status !== 'True') return inPlace;
  const recorded = [previous?.lastPruneTime, previous?.lastVerifyTime].map((at) => (at === undefined ? undefined : { at }));
  const runs: (Answer | undefined)[] = [...backups.map(answerOfBackup), answerOf(prune), answerOf(verify), ...recorded];
  const answers = [init && { at: init.finishedAt, failure: init.failure }, ...runs].filter((answer) => answer !== undefined);
  const [newest] = newestFirst(answers, ({ at }) => at);
  const before = conditionOf(previous?.conditions, 'Ready');
  if (!newest) return before ?? { type: 'Ready', status: 'Unknown', reason: 'Initializing', message: 'The repository is being asked' };
  if (!newest.failure) return { type: 'Ready', status: 'True', reason: 'Answered', message: '' };
  const { code, message, hint = '' } = newest.failure;
  return { type: 'Ready', status: 'False', reason: reasonOf(code), message: `${message}. ${hint}`.trim() };
}

function answerOfBackup({ status }: Resource<'Backup'>): Answer | undefined {
  return status?.finishedAt === undefined ? undefined : reachOf(status.finishedAt, status.failure);
}

function answerOf(outcome: JobOutcome | undefined): Answer | undefined {
  return outcome && reachOf(outcome.finishedAt, outcome.failure);
}

/** A run that failed for another reason than the store tells nothing of it. */
function reachOf(at: string, failure: RunFailure | undefined): Answer | undefined {
  return failure === undefined || failure.exitCode === exitCodes.store ? { at, failure } : undefined;
}

function wholeFinding(verify: JobOutcome | undefined, previous: BackupRepositoryStatus | undefined): Finding[] {
  const verdict = verify && verdictOf(verify);
  if (verdict === 'whole') return [{ type: 'Whole', status: 'True', reason: 'Verified', message: '' }];
  if (verdict === 'damaged') return [{ type: 'Whole', status: 'False', reason: 'DamageFound', message: verify?.failure?.message ?? '' }];
  const before = conditionOf(previous?.conditions, 'Whole');
  return before ? [before] : [];
}

/** Undefined where verify itself could not be done. */
function verdictOf({ succeeded, result }: JobOutcome): 'whole' | 'damaged' | undefined {
  if (succeeded) return 'whole';
  return (result?.found ?? 0) > 0 ? 'damaged' : undefined;
}
