import type { Text } from '../../src/operations/text.ts';
import type { DrillReport } from '../../src/repository/drills/drill-document.ts';
import type { DrillCheckName, DrillOutcome } from '../../src/repository/drills/drill-report.ts';

/** One word for lists. */
export const outcomeWords = {
  passed: { en: 'passed', zh: '通过' },
  failed: { en: 'FAILED', zh: '未通过' },
  'could-not-run': { en: 'could not run', zh: '无法运行' },
} as const satisfies Record<DrillOutcome, Text>;

const outcomeSentences = {
  passed: { en: 'This backup restores to exactly what was backed up.', zh: '此备份可恢复为与备份时完全一致的内容。' },
  failed: { en: 'This backup does not restore to what was backed up.', zh: '此备份无法恢复为备份时的内容。' },
  'could-not-run': { en: 'The drill could not run: it says nothing about this backup.', zh: '演练无法运行：对此备份未得出任何结论。' },
} as const satisfies Record<DrillOutcome, Text>;

const assertionsFailed: Text = {
  en: 'This backup restores to exactly what was backed up, but not all of your assertions hold on it.',
  zh: '此备份可恢复为与备份时完全一致的内容，但并非所有断言都成立。',
};

/** The outcome in plain words. Assertions that do not hold are about the data, not about the backup: told apart. */
export function outcomeSentence({ outcome, measures }: Pick<DrillReport, 'outcome' | 'measures'>): Text {
  const differing = measures?.checks.filter((check) => check.differing > 0) ?? [];
  const onlyAssertions = outcome === 'failed' && differing.length > 0 && differing.every(({ name }) => name === 'assertions');
  return onlyAssertions ? assertionsFailed : outcomeSentences[outcome];
}

/** What each comparison is of, and what was compared with what. */
export const checkTexts = {
  rows: { name: { en: 'Rows', zh: '行数' }, meaning: { en: 'rows counted in each restored table, against the count when it was read', zh: '恢复后每张表的行数，与读取时的行数对比' } },
  content: { name: { en: 'Content', zh: '内容' }, meaning: { en: 'everything read back from the restored database, against the hashes taken when it was backed up', zh: '从恢复后的数据库读回的全部内容，与备份时所取散列对比' } },
  sequences: { name: { en: 'Sequences', zh: '序列' }, meaning: { en: 'the position of each sequence', zh: '每个序列的当前位置' } },
  'large-objects': { name: { en: 'Large objects', zh: '大对象' }, meaning: { en: 'large objects and their contents', zh: '大对象及其内容' } },
  schema: { name: { en: 'Schema', zh: '结构' }, meaning: { en: 'the fingerprint of all definitions: tables, indexes, views, functions, constraints', zh: '全部定义的指纹：表、索引、视图、函数、约束' } },
  globals: { name: { en: 'Roles and tablespaces', zh: '角色与表空间' }, meaning: { en: 'what belongs to the server rather than to the database', zh: '属于服务器而非数据库的内容' } },
  integrity: { name: { en: 'Integrity', zh: '完整性' }, meaning: { en: 'the structure of the file and of the stored objects', zh: '文件及已存对象的结构' } },
  'foreign-keys': { name: { en: 'Foreign keys', zh: '外键' }, meaning: { en: 'every reference from one table to another', zh: '表与表之间的每个引用' } },
  assertions: { name: { en: 'Assertions', zh: '断言' }, meaning: { en: 'your own SQL statements, on the restored database', zh: '您自己的 SQL 语句，在恢复后的数据库上执行' } },
} as const satisfies Record<DrillCheckName, { readonly name: Text; readonly meaning: Text }>;

/** The rest of the page. */
export const pageTexts = {
  title: { en: 'Restore drill of {source}', zh: '{source} 的恢复演练' },
  story: {
    en: 'The backup {id} of {source} was restored into a throw-away {program}, read back in full, and compared with what was recorded when the backup was made.',
    zh: '已将 {source} 的备份 {id} 恢复到一次性的 {program} 中，完整读回，并与备份时的记录逐项对比。',
  },
  brokenStory: { en: 'The backup {id} of {source} was to be restored into a throw-away database and compared with what was recorded when it was made. It did not come to that.', zh: '原拟将 {source} 的备份 {id} 恢复到一次性数据库并与备份时的记录对比，但未能进行到该步。' },
  restoreTime: { en: 'Time to restore', zh: '恢复用时' },
  dataAge: { en: 'Age of the data', zh: '数据时龄' },
  dataAgeNote: { en: 'state of {stateAt}', zh: '数据状态时间 {stateAt}' },
  checkTime: { en: 'Time to compare', zh: '对比用时' },
  restored: { en: 'Restored', zh: '已恢复' },
  restoredNote: { en: '{tables} tables, {rows} rows', zh: '{tables} 张表，{rows} 行' },
  restoreTimeNote: { en: 'measured on the machine of the drill', zh: '在演练所用机器上测得' },
  compared: { en: 'What was compared', zh: '对比内容' },
  check: { en: 'Check', zh: '检查项' },
  count: { en: 'Compared', zh: '已对比' },
  differing: { en: 'Differing', zh: '不符' },
  findings: { en: 'What differs', zh: '不符之处' },
  findingsCut: { en: 'The first {count} are listed; the numbers above count all.', zh: '此处仅列出前 {count} 项；上方数字为全部。' },
  where: { en: 'Where', zh: '位置' },
  expected: { en: 'Promised', zh: '应为' },
  found: { en: 'Found', zh: '实为' },
  part: { en: 'part', zh: '部件' },
  reason: { en: 'Why', zh: '原因' },
  warnings: { en: 'Worth knowing', zh: '注意事项' },
  particulars: { en: 'Particulars', zh: '详细信息' },
  source: { en: 'Source', zh: '来源' },
  backup: { en: 'Backup', zh: '备份' },
  drill: { en: 'Drill', zh: '演练' },
  repository: { en: 'Repository', zh: '仓库' },
  restoredInto: { en: 'Restored into', zh: '恢复到' },
  startedAt: { en: 'Started', zh: '开始' },
  finishedAt: { en: 'Ended', zh: '结束' },
  stateAt: { en: 'State of the data', zh: '数据状态时间' },
  version: { en: 'Holdfast', zh: 'Holdfast' },
  backupSeal: { en: 'Seal of the backup', zh: '备份印签' },
  unrecorded: { en: 'not recorded in the repository', zh: '未记录到仓库' },
  footer: {
    en: 'Recorded in the repository as {key}, a document under the repository’s seal that states the SHA-256 of this page as it is stored. `holdfast show {id} --report <file>` writes the page again and refuses one that was changed.',
    zh: '已作为 {key} 记录在仓库中，该文档带有仓库印签，并载明本页存储形式的 SHA-256。`holdfast show {id} --report <文件>` 可再次写出本页，若曾被改动则会拒绝。',
  },
} as const satisfies Record<string, Text>;
