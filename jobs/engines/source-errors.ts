import { defineErrorFamily } from '../../src/operations/errors.ts';

/** What can go wrong with a database that is read or written. `source` and `target` are addresses without credentials. */
export const sourceErrors = defineErrorFamily({
  SOURCE_ADDRESS_INVALID: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'The database address {source} is not valid: {reason}', zh: '数据库地址 {source} 无效：{reason}' },
    hint: {
      en: 'Use postgres://user@host:5432/database or sqlite:///absolute/path.',
      zh: '请使用 postgres://user@host:5432/database 或 sqlite:///绝对路径。',
    },
  },
  SOURCE_UNREACHABLE: {
    category: 'source',
    status: 502,
    retryable: true,
    message: { en: 'The database {source} cannot be reached: {reason}', zh: '无法连接数据库 {source}：{reason}' },
    hint: {
      en: 'Check that the server runs and that this machine may connect to it; then run the same command again.',
      zh: '请检查服务器是否运行、本机是否可以连接，然后重新运行同一命令。',
    },
  },
  SOURCE_REFUSED: {
    category: 'source',
    status: 502,
    retryable: false,
    message: { en: 'The database {source} refused: {reason}', zh: '数据库 {source} 拒绝访问：{reason}' },
    hint: {
      en: 'Check user, password and database name. A password comes from PGPASSFILE, PGPASSWORD or HOLDFAST_SOURCE_FILE.',
      zh: '请检查用户、密码和数据库名。密码可由 PGPASSFILE、PGPASSWORD 或 HOLDFAST_SOURCE_FILE 提供。',
    },
  },
  SOURCE_LOST: {
    category: 'source',
    status: 502,
    retryable: true,
    message: { en: 'The connection to {source} was lost while it was being read: {reason}', zh: '读取 {source} 时连接中断：{reason}' },
    hint: { en: 'No backup was recorded. Run the same command again.', zh: '未记录任何备份。请重新运行同一命令。' },
  },
  RESTORE_TARGET_OCCUPIED: {
    category: 'safety',
    status: 409,
    retryable: false,
    message: { en: 'The restore target {target} exists and is not empty', zh: '恢复目标 {target} 已存在且非空' },
    hint: {
      en: 'Restore into a new one, or use --swap (keeps the old one beside) or --overwrite (takes a safety backup first).',
      zh: '请恢复到新目标，或使用 --swap（保留旧库）或 --overwrite（先做安全备份）。',
    },
  },
  RESTORE_CONTENT_DIFFERS: {
    category: 'integrity',
    status: 500,
    retryable: false,
    message: { en: 'The restore into {target} differs from the backup: {difference}', zh: '恢复到 {target} 的内容与备份不一致：{difference}' },
    hint: {
      en: 'The target was left as it was before. Run `holdfast show` on the backup and try another one.',
      zh: '目标保持恢复前的状态。请用 `holdfast show` 查看该备份，并尝试其他备份。',
    },
  },
});
