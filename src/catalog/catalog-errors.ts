import { defineErrorFamily } from '../operations/errors.ts';

export const catalogErrors = defineErrorFamily({
  CATALOG_ADDRESS_INVALID: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'The address of the catalogue is not valid: {reason}', zh: '目录数据库地址无效：{reason}' },
    hint: {
      en: 'Use sqlite:///path/of/file or postgres://user@host:5432/database?sslmode=verify-full.',
      zh: '请使用 sqlite:///文件路径 或 postgres://user@host:5432/database?sslmode=verify-full。',
    },
  },
  CATALOG_UNREACHABLE: {
    category: 'dependency',
    status: 503,
    retryable: true,
    message: { en: 'The catalogue cannot be reached', zh: '无法访问目录数据库' },
    hint: { en: 'Try again in a moment. If it stays so, ask the operator to look at the catalogue database.', zh: '请稍后再试。如果仍然如此，请联系运维人员检查目录数据库。' },
  },
  CATALOG_BUSY: {
    category: 'busy',
    status: 503,
    retryable: true,
    message: { en: 'The catalogue is busy', zh: '目录数据库繁忙' },
    hint: { en: 'Try again in a moment.', zh: '请稍后再试。' },
  },
  CATALOG_CURSOR_INVALID: {
    category: 'validation',
    status: 400,
    retryable: false,
    message: { en: 'This page of the list does not exist', zh: '列表中没有这一页' },
    hint: { en: 'Begin again with the first page; take later ones only from the answer before.', zh: '请从第一页重新开始；后续页只能取自上一次的应答。' },
  },
});
