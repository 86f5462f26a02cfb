import { z } from 'zod';
import { type CalendarUnit, calendarBucket } from './calendar.ts';

const keepCount = z.number().int().min(1).optional();
const milliseconds = z.number().int().min(0).optional();

/**
 * Which backups stay. Each rule keeps some; who no rule keeps is forgotten; a policy without rules keeps all.
 * Counts are at least 1. Durations are milliseconds.
 */
export const RetentionPolicy = z.strictObject({
  /** The newest n. */
  keepLast: keepCount,
  /** The newest backup of each of the newest n hours, days, … (UTC, weeks from Monday) that have one. */
  keepHourly: keepCount,
  keepDaily: keepCount,
  keepWeekly: keepCount,
  keepMonthly: keepCount,
  keepYearly: keepCount,
  /** All made at most this long before the newest backup: when backups stop, nothing leaves by this rule. */
  keepWithin: milliseconds,
  /** All made at most this long before now: alone, it forgets what is older, as long as something newer succeeded. */
  olderThan: milliseconds,
});
export type RetentionPolicy = z.infer<typeof RetentionPolicy>;

/** A backup as retention sees it. */
export interface RetainedBackup {
  readonly source: string;
  readonly id: string;
  readonly at: Date;
  /** Damaged ones never count as kept and never leave by a rule: a person looks at them. */
  readonly state: 'ok' | 'damaged';
  readonly held: boolean;
  /** A drill has restored it and found it equal. */
  readonly proven: boolean;
  /** A drill has restored it, or tried to, and it was not what it promises. */
  readonly disproven?: boolean;
  /** It is far from those before it, and nobody has accepted it. */
  readonly suspicious?: boolean;
}

/** Why a backup stays or goes. `position` counts from 1 within the rule; `bucket` is the hour, day, … it stands for. */
export type RetentionReason =
  | { readonly code: 'newest' | 'newest-proven' | 'held' | 'damaged' | 'future' | 'empty-policy' | 'within' | 'younger' | 'no-rule' }
  | { readonly code: 'last'; readonly position: number }
  | { readonly code: CalendarUnit; readonly position: number; readonly bucket: string };

export interface RetentionDecision<Backup extends RetainedBackup = RetainedBackup> {
  readonly backup: Backup;
  readonly keep: boolean;
  /** Every rule that keeps it; one reason, `no-rule`, when it goes. */
  readonly reasons: readonly RetentionReason[];
}

const calendarRules = [
  ['keepHourly', 'hourly'],
  ['keepDaily', 'daily'],
  ['keepWeekly', 'weekly'],
  ['keepMonthly', 'monthly'],
  ['keepYearly', 'yearly'],
] as const satisfies readonly (readonly [keyof RetentionPolicy, CalendarUnit])[];

/**
 * Says of every backup whether it stays, and why. Pure, per source, oldest first within a source. Only sound backups dated
 * up to `now` count towards a rule. Whatever the policy: the newest and the newest proven of them stay, and so do held,
 * damaged and future-dated ones. One that is suspicious or whose drill failed stays as long as if it were not, and takes no
 * other's place: the others are decided as if it were not there.
 */
export function decideRetention<Backup extends RetainedBackup>(
  backups: readonly Backup[],
  policy: RetentionPolicy,
  now: Date,
): RetentionDecision<Backup>[] {
  const sources = Map.groupBy(backups, (backup) => backup.source);
  return [...sources.keys()].toSorted().flatMap((source) => decideForSource(sources.get(source) ?? [], policy, now));
}

function decideForSource<Backup extends RetainedBackup>(backups: readonly Backup[], policy: RetentionPolicy, now: Date): RetentionDecision<Backup>[] {
  const newestFirst = backups.toSorted(compareNewestFirst);
  const counted = newestFirst.filter((backup) => isCounted(backup, now));
  const reasons = new Map<Backup, RetentionReason[]>(newestFirst.map((backup) => [backup, []]));
  const keep = (backup: Backup | undefined, reason: RetentionReason) => backup && reasons.get(backup)?.push(reason);

  const trusted = counted.filter((backup) => isTrusted(backup, now));
  // What speaks against some says nothing against others: each is also looked at without those that one doubt is about.
  const populations = [counted, counted.filter((backup) => !backup.suspicious), counted.filter((backup) => !backup.disproven), trusted];
  for (const newest of new Set(populations.map(([first]) => first))) keep(newest, { code: 'newest' });
  for (const newest of new Set(populations.map((all) => all.find((backup) => backup.proven)))) keep(newest, { code: 'newest-proven' });
  for (const backup of newestFirst) {
    if (backup.held) keep(backup, { code: 'held' });
    if (backup.state === 'damaged') keep(backup, { code: 'damaged' });
    else if (backup.at > now) keep(backup, { code: 'future' });
    if (isEmpty(policy)) keep(backup, { code: 'empty-policy' });
  }
  for (const [backup, reason] of applyRules(trusted, policy, now)) keep(backup, reason);
  const staying = new Set<Backup>();
  for (const population of populations) {
    const found = [...applyRules(population, policy, now)].filter(([backup]) => isDoubted(backup) && !staying.has(backup));
    for (const [backup, reason] of found) {
      keep(backup, reason);
      staying.add(backup);
    }
  }
  return newestFirst.toReversed().map((backup) => {
    const found = reasons.get(backup) ?? [];
    return { backup, keep: found.length > 0, reasons: found.length > 0 ? found : [{ code: 'no-rule' }] };
  });
}

/** What the rules keep of backups that come newest first. */
function* applyRules<Backup extends RetainedBackup>(counted: readonly Backup[], policy: RetentionPolicy, now: Date): Generator<[Backup, RetentionReason]> {
  for (const [index, backup] of counted.slice(0, policy.keepLast ?? 0).entries()) yield [backup, { code: 'last', position: index + 1 }];
  for (const [rule, unit] of calendarRules) {
    for (const { backup, bucket, position } of newestOfBuckets(counted, unit, policy[rule] ?? 0)) yield [backup, { code: unit, position, bucket }];
  }
  const newest = counted[0];
  for (const backup of counted) {
    if (policy.keepWithin !== undefined && newest && newest.at.getTime() - backup.at.getTime() <= policy.keepWithin) yield [backup, { code: 'within' }];
    if (policy.olderThan !== undefined && now.getTime() - backup.at.getTime() <= policy.olderThan) yield [backup, { code: 'younger' }];
  }
}

function newestOfBuckets<Backup extends RetainedBackup>(newestFirst: readonly Backup[], unit: CalendarUnit, limit: number) {
  const chosen: { backup: Backup; bucket: string; position: number }[] = [];
  let previous: string | undefined;
  for (const backup of newestFirst) {
    if (chosen.length === limit) break;
    const bucket = calendarBucket(backup.at, unit);
    if (bucket !== previous) chosen.push({ backup, bucket, position: chosen.length + 1 });
    previous = bucket;
  }
  return chosen;
}

/** Two runs of the same second are told apart by their ids, so that the plan does not depend on the listing's order. */
function compareNewestFirst(one: RetainedBackup, other: RetainedBackup): number {
  return other.at.getTime() - one.at.getTime() || (one.id < other.id ? 1 : -1);
}

function isCounted({ state, at }: RetainedBackup, now: Date): boolean {
  return state === 'ok' && at <= now;
}

/** Whether rules count a backup as a good one: sound, of the past, and nothing speaks against it. */
export function isTrusted(backup: RetainedBackup, now: Date): boolean {
  return isCounted(backup, now) && !isDoubted(backup);
}

function isDoubted({ disproven, suspicious }: RetainedBackup): boolean {
  return disproven === true || suspicious === true;
}

function isEmpty(policy: RetentionPolicy): boolean {
  return Object.values(policy).every((rule) => rule === undefined);
}
