import { defineErrorFamily } from '../../operations/errors.ts';

export const cronErrors = defineErrorFamily({
  CRON_INVALID: {
    category: 'validation',
    status: 422,
    retryable: false,
    message: { en: '"{expression}" is not a cron expression that Kubernetes takes: {field}', zh: '“{expression}”不是 Kubernetes 可接受的 cron 表达式：{field}' },
    hint: {
      en: 'Give minute, hour, day of month, month, day of week (0-6, Sunday is 0), such as `H 2 * * *` or `30 1 * * 1-5`; H alone, H(0-6) or H/15 take a place of their own.',
      zh: '请依次给出分、时、日、月、星期（0-6，0 为星期日），例如 `H 2 * * *` 或 `30 1 * * 1-5`；可用 H、H(0-6) 或 H/15 自动错开。',
    },
  },
  TIME_ZONE_UNKNOWN: {
    category: 'validation',
    status: 422,
    retryable: false,
    message: { en: 'There is no time zone {timeZone}', zh: '没有时区 {timeZone}' },
    hint: { en: 'Give a name of the IANA list, such as Europe/Berlin, Asia/Shanghai or Etc/UTC.', zh: '请给出 IANA 列表中的名称，例如 Europe/Berlin、Asia/Shanghai 或 Etc/UTC。' },
  },
});
