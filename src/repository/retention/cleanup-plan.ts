import { defineErrorFamily } from '../../operations/errors.ts';
import { decideRetention, type RetainedBackup, type RetentionDecision, type RetentionPolicy } from './retention.ts';

export const cleanupErrors = defineErrorFamily({
  MASS_DELETION_REFUSED: {
    category: 'safety',
    status: 409,
    retryable: false,
    message: {
      en: 'The policy would forget {forgotten} of the {total} backups of {source} at once',
      zh: '该策略会一次遗忘 {source} 的 {total} 个备份中的 {forgotten} 个',
    },
    hint: {
      en: 'Look at the plan with --dry-run; if it is what you want, confirm it with --yes. Nothing was forgotten.',
      zh: '请用 --dry-run 查看计划；确认无误后用 --yes 确认。未遗忘任何备份。',
    },
  },
});

/** Fewer than this may always go at once: half of a handful is no accident worth a question. */
const massDeletionMinimum = 4;

export interface CleanupPlan<Backup extends RetainedBackup = RetainedBackup> {
  readonly decisions: readonly RetentionDecision<Backup>[];
  readonly forget: readonly Backup[];
  /** Sources that would lose so many at once that a person has to confirm it. */
  readonly unusual: readonly { readonly source: string; readonly forgotten: number; readonly total: number }[];
}

/**
 * What a policy would forget. A source is `unusual` when at least four and more than `maxShare` (default a half) of its
 * backups would go: a wrong policy or a wrong clock looks like that. Pure: a dry run prints it, a real run carries it out.
 */
export function planCleanup<Backup extends RetainedBackup>(
  backups: readonly Backup[],
  policy: RetentionPolicy,
  { now, maxShare = 0.5 }: { readonly now: Date; readonly maxShare?: number },
): CleanupPlan<Backup> {
  const decisions = decideRetention(backups, policy, now);
  const forget = decisions.filter((decision) => !decision.keep).map((decision) => decision.backup);
  const unusual = [...Map.groupBy(decisions, ({ backup }) => backup.source)]
    .map(([source, ofSource]) => ({ source, total: ofSource.length, forgotten: ofSource.filter(({ keep }) => !keep).length }))
    .filter(({ total, forgotten }) => forgotten >= massDeletionMinimum && forgotten > total * maxShare);
  return { decisions, forget, unusual };
}

/** Throws MASS_DELETION_REFUSED for an unusual plan that nobody confirmed. */
export function requireConfirmation(plan: CleanupPlan, confirmed: boolean): void {
  const [first] = plan.unusual;
  if (first && !confirmed) throw cleanupErrors.MASS_DELETION_REFUSED(first);
}
