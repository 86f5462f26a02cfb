import { defineErrorFamily } from '../../src/operations/errors.ts';

/** How `holdfast drill` ends where it does not pass, besides the errors of engines and stores. */
export const drillFailures = defineErrorFamily({
  DRILL_FAILED: {
    category: 'integrity',
    status: 500,
    retryable: false,
    message: {
      en: 'The backup {backup} of {source} failed its drill. Differences: {count}. The first is in {object}: expected {expected}, found {found}',
      zh: '{source} 的备份 {backup} 未通过演练。不符 {count} 处，第一处在 {object}：应为 {expected}，实为 {found}',
    },
    hint: {
      en: 'Do not rely on this backup: `holdfast list` shows which ones are proven. `holdfast show {backup} --report <file>` writes all that was found.',
      zh: '请勿依赖此备份：`holdfast list` 会显示哪些备份已验证。`holdfast show {backup} --report <文件>` 可写出全部发现。',
    },
  },
  ASSERTIONS_UNREADABLE: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'The file of assertions {path} cannot be read: {reason}', zh: '无法读取断言文件 {path}：{reason}' },
    hint: { en: 'Nothing was restored and nothing recorded. Check the path and its permissions.', zh: '未恢复也未记录任何内容。请检查路径与权限。' },
  },
  REPORT_FILE_EXISTS: {
    category: 'safety',
    status: 409,
    retryable: false,
    message: { en: 'The file {path} exists already', zh: '文件 {path} 已存在' },
    hint: { en: 'Nothing was overwritten. Choose another --report.', zh: '未覆盖任何文件。请选择其他 --report。' },
  },
  REPORT_UNWRITABLE: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'The report could not be written to {path}: {reason}', zh: '无法将报告写入 {path}：{reason}' },
    hint: {
      en: 'Check the folder, its permissions and the free space. `holdfast show <backup> --report <file>` writes a recorded report again.',
      zh: '请检查目录、权限与剩余空间。`holdfast show <备份> --report <文件>` 可再次写出已记录的报告。',
    },
  },
  DRILL_NOT_FOUND: {
    category: 'not_found',
    status: 404,
    retryable: false,
    message: { en: 'The backup {backup} has no report of a drill', zh: '备份 {backup} 没有演练报告' },
    hint: { en: '`holdfast drill {backup}` makes one.', zh: '`holdfast drill {backup}` 可生成报告。' },
  },
});
