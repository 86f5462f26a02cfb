import { defineErrorFamily } from '../../operations/errors.ts';
import { fillText, type Text } from '../../operations/text.ts';
import { decideRetention, isTrusted, type RetainedBackup, type RetentionDecision, type RetentionPolicy } from './retention.ts';

export const cleanupErrors = defineErrorFamily({
  MASS_DELETION_REFUSED: {
    category: 'safety',
    status: 409,
    retryable: false,
    message: {
      en: 'The policy would forget {forgotten} of the {total} {backups} at once',
      zh: '该策略会一次遗忘{backups}（共 {total} 个）中的 {forgotten} 个',
    },
    hint: {
      en: 'Look at the plan with --dry-run; if it is what you want, confirm it with --yes. Nothing was forgotten.',
      zh: '请用 --dry-run 查看计划；确认无误后用 --yes 确认。未遗忘任何备份。',
    },
  },
});

const ofOneSource = {
  all: { en: 'backups of {source}', zh: ' {source} 的备份' },
  good: { en: 'good backups of {source}', zh: ' {source} 的正常备份' },
} as const satisfies Record<string, Text>;
const ofAllSources = {
  all: { en: 'backups of all sources', zh: '所有来源的备份' },
  good: { en: 'good backups of all sources', zh: '所有来源的正常备份' },
} as const satisfies Record<string, Text>;

/** Fewer than this may always go at once: half of a handful is no accident worth a question. */
const massDeletionMinimum = 4;

/** Backups of which so many would go at once that a person has to confirm it. */
interface UnusualLoss {
  /** Undefined: of all sources together. */
  readonly source: string | undefined;
  /** `good`: of those that rules count. */
  readonly of: 'all' | 'good';
  readonly forgotten: number;
  readonly total: number;
}

export interface CleanupPlan<Backup extends RetainedBackup = RetainedBackup> {
  readonly decisions: readonly RetentionDecision<Backup>[];
  readonly forget: readonly Backup[];
  readonly unusual: readonly UnusualLoss[];
}

/**
 * What a policy would forget. It is `unusual` when at least four and more than `maxShare` (default a half) of a source's backups
 * would go, or of those among them that rules count, or of all sources' together: a wrong policy or a wrong clock looks like that.
 * Pure: a dry run prints it, a real run carries it out.
 */
export function planCleanup<Backup extends RetainedBackup>(
  backups: readonly Backup[],
  policy: RetentionPolicy,
  { now, maxShare = 0.5 }: { readonly now: Date; readonly maxShare?: number },
): CleanupPlan<Backup> {
  const decisions = decideRetention(backups, policy, now);
  const forget = decisions.filter((decision) => !decision.keep).map((decision) => decision.backup);
  const bySource: (readonly [string | undefined, readonly RetentionDecision<Backup>[]])[] = [...Map.groupBy(decisions, ({ backup }) => backup.source)];
  // Of many sources each may lose a few, and that be most of what there is.
  const groups = bySource.length > 1 ? [...bySource, [undefined, decisions] as const] : bySource;
  const unusual = groups.flatMap(([source, all]) => {
    // What no rule counts stays or is doubted: however much of that there is, it makes up for no good one.
    const good = all.filter(({ backup }) => isTrusted(backup, now));
    const losses = [countLoss({ source, of: 'all' }, all), countLoss({ source, of: 'good' }, good)];
    return losses.filter(({ total, forgotten }) => forgotten >= massDeletionMinimum && forgotten > total * maxShare).slice(0, 1);
  });
  return { decisions, forget, unusual };
}

function countLoss(whose: Pick<UnusualLoss, 'source' | 'of'>, decisions: readonly RetentionDecision[]): UnusualLoss {
  return { ...whose, forgotten: decisions.filter(({ keep }) => !keep).length, total: decisions.length };
}

/** Throws MASS_DELETION_REFUSED for an unusual plan that nobody confirmed. */
export function requireConfirmation(plan: CleanupPlan, confirmed: boolean): void {
  const [first] = plan.unusual;
  if (!first || confirmed) return;
  const { source, of, forgotten, total } = first;
  const backups = source === undefined ? ofAllSources[of] : fillText(ofOneSource[of], { source });
  throw cleanupErrors.MASS_DELETION_REFUSED({ forgotten, total, backups });
}
