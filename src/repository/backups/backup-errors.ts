import { defineErrorFamily } from '../../operations/errors.ts';

/** What can be wrong with one backup: unknown, ambiguous, damaged, held, too late to recall, too old to commit. */
export const backupErrors = defineErrorFamily({
  BACKUP_NOT_FOUND: {
    category: 'not_found',
    status: 404,
    retryable: false,
    message: { en: 'There is no backup {backup} in {store}', zh: '{store} 中没有备份 {backup}' },
    hint: { en: '`holdfast list` shows the backups there are.', zh: '`holdfast list` 会列出现有的备份。' },
  },
  BACKUP_AMBIGUOUS: {
    category: 'usage',
    status: 409,
    retryable: false,
    message: { en: '{backup} stands for several backups: {candidates}', zh: '{backup} 对应多个备份：{candidates}' },
    hint: { en: 'Give more of the id, or the source as well.', zh: '请给出更长的编号，或同时指定来源。' },
  },
  BACKUP_DAMAGED: {
    category: 'integrity',
    status: 500,
    retryable: false,
    message: { en: 'The backup {backup} is damaged: {reason}', zh: '备份 {backup} 已损坏：{reason}' },
    hint: { en: 'Use another backup; `holdfast list` shows which ones are sound.', zh: '请使用其他备份；`holdfast list` 会显示哪些备份完好。' },
  },
  BACKUP_HELD: {
    category: 'safety',
    status: 409,
    retryable: false,
    message: { en: 'The backup {backup} is held: {reason}', zh: '备份 {backup} 已被保留锁定：{reason}' },
    hint: { en: '`holdfast release` ends the hold. Nothing was forgotten.', zh: '`holdfast release` 可解除锁定。未遗忘任何备份。' },
  },
  BACKUP_RUN_EXPIRED: {
    category: 'safety',
    status: 500,
    retryable: false,
    message: {
      en: 'The backup {backup} took {hours} hours, more than the {limit} within which its parts are safe from prune',
      zh: '备份 {backup} 用时 {hours} 小时，超过了其部件不会被清理的 {limit} 小时',
    },
    hint: {
      en: 'No backup was recorded. Find out what slowed it down, then run the backup again.',
      zh: '未记录任何备份。请查明变慢的原因，然后重新备份。',
    },
  },
  BACKUP_PARTS_LOST: {
    category: 'integrity',
    status: 500,
    retryable: true,
    message: {
      en: '{count} parts of the backup {backup} are not in {store} as they were written; the first is {part}',
      zh: '备份 {backup} 有 {count} 个部件未按写入时的样子存在于 {store} 中，第一个是 {part}',
    },
    hint: {
      en: 'No backup was recorded. Look for what deletes or changes objects in the store, then run the backup again.',
      zh: '未记录任何备份。请查明是什么在删除或改动存储中的对象，然后重新备份。',
    },
  },
  BACKUP_CONTENT_INCONSISTENT: {
    category: 'internal',
    status: 500,
    retryable: false,
    message: { en: 'A {kind} stream of the backup does not add up: {reason}', zh: '备份的 {kind} 流前后不符：{reason}' },
    hint: { en: 'No backup was recorded. Please report this.', zh: '未记录任何备份。请报告此问题。' },
  },
  RECALL_TOO_LATE: {
    category: 'safety',
    status: 409,
    retryable: false,
    message: { en: 'The backup {backup} was forgotten at {forgottenAt}, longer ago than the grace', zh: '备份 {backup} 于 {forgottenAt} 被遗忘，已超过宽限期' },
    hint: { en: 'Its parts may be gone. Use another backup.', zh: '它的部件可能已被删除。请使用其他备份。' },
  },
});
