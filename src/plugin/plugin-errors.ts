import { defineErrorFamily } from '../operations/errors.ts';

/** What the plugin itself refuses, beside what the API server says (`clusterErrors`). */
export const pluginErrors = defineErrorFamily({
  PLUGIN_USAGE_INVALID: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'The command line is not valid: {problem}', zh: '命令行无效：{problem}' },
    hint: { en: 'Run it with --help to see how it is used.', zh: '请使用 --help 查看用法。' },
  },
  RESTORE_TARGET_MISSING: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'It is not said where to restore to', zh: '未指定恢复到何处' },
    hint: {
      en: 'Name a new database (--to-secret, or --to-claim and --to-path); or put it in the place of the source: --swap keeps what is there under another name, --overwrite backs it up first.',
      zh: '请指定新数据库（--to-secret，或 --to-claim 与 --to-path）；或恢复到来源处：--swap 会将原库改名保留，--overwrite 会先做备份。',
    },
  },
  RUN_HAS_NO_JOB: {
    category: 'busy',
    status: 503,
    retryable: true,
    message: { en: '{run} has no pod yet, or none any more', zh: '{run} 尚无 Pod，或其 Pod 已被清理' },
    hint: {
      en: 'Pods are made once the controller sees the resource, and are deleted a week after. `kubectl describe` of it tells its conditions and events.',
      zh: '控制器处理该资源后才会创建 Pod，结束一周后会删除。`kubectl describe` 会显示其状况与事件。',
    },
  },
  WAIT_TIMED_OUT: {
    category: 'busy',
    status: 504,
    retryable: true,
    message: { en: '{run} was not over after {duration}', zh: '{run} 在 {duration} 后仍未结束' },
    hint: { en: 'It goes on: `kubectl holdfast status` shows how it ends, `kubectl holdfast logs {run}` what it says.', zh: '它仍在继续：`kubectl holdfast status` 会显示结果，`kubectl holdfast logs {run}` 会显示日志。' },
  },
});
