import { defineErrorFamily } from '../../operations/errors.ts';

export const pruneErrors = defineErrorFamily({
  PRUNE_BLOCKED: {
    category: 'safety',
    status: 409,
    retryable: false,
    message: {
      en: 'Prune cannot know which parts these damaged backups need: {backups}',
      zh: 'prune 无法得知以下损坏的备份需要哪些部件：{backups}',
    },
    hint: {
      en: 'Put their files back, or name each with --give-up if it is lost anyway. Nothing was deleted.',
      zh: '请放回其文件；若确已无法挽回，请用 --give-up 逐个指定。未删除任何内容。',
    },
  },
  MASS_SWEEP_REFUSED: {
    category: 'safety',
    status: 409,
    retryable: false,
    message: {
      en: 'Prune would delete {unexplained} of the {total} parts in {store} that no backup lists, live, forgotten or expired',
      zh: 'prune 将删除 {store} 中 {total} 个部件里的 {unexplained} 个：没有任何有效、已遗忘或已过期的备份引用它们',
    },
    hint: {
      en: 'Heads of backups may be missing: compare `holdfast list` with what should be there, and check the volume or bucket. If it is right (the last backups were removed, a prune was interrupted), confirm with --yes. Nothing was deleted.',
      zh: '可能缺失了备份头文件：请将 `holdfast list` 与应有的备份对照，并检查存储卷或存储桶。若属正常（最后的备份已移除，或 prune 曾被中断），用 --yes 确认。未删除任何内容。',
    },
  },
  PRUNE_GIVE_UP_REFUSED: {
    category: 'usage',
    status: 409,
    retryable: false,
    message: { en: '{backup} was given up, but no damaged backup has this id', zh: '指定放弃 {backup}，但没有具有该编号的损坏备份' },
    hint: {
      en: 'Name damaged backups by their whole ids, as `holdfast list` shows them. Sound ones are forgotten, not given up.',
      zh: '请用 `holdfast list` 显示的完整编号指定损坏的备份。完好的备份应使用遗忘，而不是放弃。',
    },
  },
});
