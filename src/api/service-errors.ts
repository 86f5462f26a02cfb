import { defineErrorFamily } from '../operations/errors.ts';

/** The service's own area: what an unexpected failure of its API is answered as. */
export const serviceErrors = defineErrorFamily({
  ADMIN_EXISTS: {
    category: 'safety',
    status: 409,
    retryable: false,
    message: { en: 'There is an administrator already', zh: '已存在管理员' },
    hint: { en: 'Sign in as one and make further accounts; `create-admin --further` makes another from here.', zh: '请以管理员身份登录后创建账户；也可用 `create-admin --further` 在此再创建一个。' },
  },
  TASK_FAILED: {
    category: 'internal',
    status: 500,
    retryable: true,
    message: { en: 'A task of the service failed', zh: '服务的定时任务失败' },
    hint: { en: 'The log line tells the cause; it is tried again at its next turn.', zh: '原因见日志；下次轮到时会重试。' },
  },
  COMMAND_INVALID: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'The command line is not valid: {problem}', zh: '命令行无效：{problem}' },
    hint: { en: 'Run it with --help to see what there is.', zh: '请使用 --help 查看用法。' },
  },
  CATALOG_BEHIND: {
    category: 'busy',
    status: 503,
    retryable: true,
    message: { en: 'The catalogue lacks migrations: {pending}', zh: '目录数据库缺少迁移：{pending}' },
    hint: { en: 'Run the command `migrate` of this release, or let `serve` do it.', zh: '请运行此版本的 `migrate` 命令，或由 `serve` 执行。' },
  },
});
