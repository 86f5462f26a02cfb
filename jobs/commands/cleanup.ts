import { z } from 'zod';
import { defineErrorFamily } from '../../src/operations/errors.ts';
import { formatTable, parseDuration } from '../../src/operations/format.ts';
import { type Language, renderText } from '../../src/operations/text.ts';
import { asRetained, listDrilledBackups } from '../../src/repository/backups/backups.ts';
import { planCleanup, requireConfirmation } from '../../src/repository/retention/cleanup-plan.ts';
import { forgetBackups } from '../../src/repository/backups/forget.ts';
import type { Repository } from '../../src/repository/repository.ts';
import type { RetentionDecision } from '../../src/repository/retention/retention.ts';
import { describeReason } from '../../src/repository/retention/retention-reasons.ts';
import { openRepositoryOf } from '../repository-access.ts';
import { type CommandContext, defineCommand, dryRunOption, repositorySettings } from './command.ts';

export const cleanupErrors = defineErrorFamily({
  POLICY_MISSING: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'cleanup was given no rule', zh: 'cleanup 没有给出任何规则' },
    hint: { en: 'Give --older-than 30d, or --keep-last, --keep-daily and their like. Nothing was forgotten.', zh: '请给出 --older-than 30d，或 --keep-last、--keep-daily 等。未遗忘任何备份。' },
  },
});

const keep = z.coerce.number().int().positive().optional();
const age = z
  .string()
  .transform((text, context) => {
    const milliseconds = parseDuration(text);
    if (milliseconds === undefined) context.addIssue({ code: 'custom', message: 'use a number and s, m, h, d or w: 30d' });
    return milliseconds ?? z.NEVER;
  })
  .optional();

const keepOption = (unit: string, en: string, zh: string) => ({ flags: `--keep-${unit} <n>`, description: { en, zh } });

export const cleanupCommand = defineCommand({
  name: 'cleanup',
  summary: { en: 'forget backups by a policy (recall brings them back for 7 days)', zh: '按策略遗忘备份（7 天内可用 recall 召回）' },
  arguments: [],
  options: [
    { flags: '--older-than <age>', description: { en: 'forget what is older: 30d, 12h, 8w', zh: '遗忘早于此时长的备份：30d、12h、8w' } },
    keepOption('last', 'keep the newest n', '保留最新的 n 个'),
    keepOption('hourly', 'keep one of each of the newest n hours', '最近 n 个小时各保留一个'),
    keepOption('daily', 'keep one of each of the newest n days', '最近 n 天各保留一个'),
    keepOption('weekly', 'keep one of each of the newest n weeks', '最近 n 周各保留一个'),
    keepOption('monthly', 'keep one of each of the newest n months', '最近 n 个月各保留一个'),
    keepOption('yearly', 'keep one of each of the newest n years', '最近 n 年各保留一个'),
    { flags: '--keep-within <age>', description: { en: 'keep all made at most this long before the newest', zh: '保留距最新备份不超过此时长的全部备份' } },
    { flags: '--yes', description: { en: 'confirm that more than half, of a source or of all, is forgotten at once', zh: '确认一次遗忘某来源或全部来源一半以上的备份' } },
    dryRunOption,
  ],
  settings: [...repositorySettings, 'HOLDFAST_SOURCE_NAME'],
  input: z.strictObject({
    olderThan: age,
    keepLast: keep,
    keepHourly: keep,
    keepDaily: keep,
    keepWeekly: keep,
    keepMonthly: keep,
    keepYearly: keep,
    keepWithin: age,
    yes: z.boolean().default(false),
    dryRun: z.boolean().default(false),
  }),
  async run(context, { yes, dryRun, ...policy }) {
    if (Object.values(policy).every((rule) => rule === undefined)) throw cleanupErrors.POLICY_MISSING({});
    const repository = await openRepositoryOf(context);
    const entries = await listDrilledBackups(repository, { source: context.configuration.HOLDFAST_SOURCE_NAME, signal: context.signal });
    const plan = planCleanup(entries.map(asRetained), policy, { now: await earlierClock(context, repository) });
    if (!dryRun) {
      requireConfirmation(plan, yes);
      await forgetBackups(repository, plan.forget.map(({ entry }) => entry), { signal: context.signal });
    }
    const counts = { forgotten: plan.forget.length, kept: plan.decisions.length - plan.forget.length };
    const summary = renderText(
      dryRun ? { en: '{forgotten} would be forgotten, {kept} stay.', zh: '将遗忘 {forgotten} 个，保留 {kept} 个。' } : { en: '{forgotten} forgotten, {kept} stay.', zh: '已遗忘 {forgotten} 个，保留 {kept} 个。' },
      context.language,
      counts,
    );
    const undo = renderText({ en: '`holdfast recall` brings one back for 7 days; `holdfast prune` then frees the space.', zh: '7 天内可用 `holdfast recall` 召回；之后 `holdfast prune` 释放空间。' }, context.language);
    return {
      // Ids first: decisions, the longest, are what is cut of a result that is too long.
      result: { dryRun, ...counts, forgottenIds: idsOf(plan.decisions, false), keptIds: idsOf(plan.decisions, true), decisions: plan.decisions.map(describeDecision(context.language)) },
      text: [formatDecisions(plan.decisions, context.language), summary, ...(plan.forget.length > 0 && !dryRun ? [undo] : [])].filter((line) => line !== '').join('\n'),
    };
  },
});

/** One of the clocks may be wrong: the earlier of this machine's and the store's forgets less. */
async function earlierClock(context: CommandContext, repository: Repository): Promise<Date> {
  const storeTime = await repository.store.now({ signal: context.signal });
  return new Date(Math.min(storeTime.getTime(), Date.now()));
}

function idsOf(decisions: readonly RetentionDecision[], kept: boolean): string[] {
  return decisions.filter(({ keep: keeps }) => keeps === kept).map(({ backup }) => backup.id);
}

function describeDecision(language: Language) {
  return ({ backup, keep: keeps, reasons }: RetentionDecision) => ({
    id: backup.id,
    source: backup.source,
    keep: keeps,
    reasons: reasons.map((reason) => describeReason(reason, language)),
  });
}

function formatDecisions(decisions: readonly RetentionDecision[], language: Language): string {
  if (decisions.length === 0) return '';
  const headings = [
    { en: 'BACKUP', zh: '备份' },
    { en: 'SOURCE', zh: '来源' },
    { en: 'DECISION', zh: '决定' },
    { en: 'WHY', zh: '原因' },
  ];
  const rows = decisions.map(describeDecision(language)).map(({ id, source, keep: keeps, reasons }) => [
    id,
    source,
    renderText(keeps ? { en: 'keep', zh: '保留' } : { en: 'forget', zh: '遗忘' }, language),
    reasons.join(', '),
  ]);
  return formatTable(headings.map((heading) => renderText(heading, language)), rows);
}
