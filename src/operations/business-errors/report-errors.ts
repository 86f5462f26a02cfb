import { defineErrorFamily } from '../errors.ts';

/** Errors of figures and their exports. `REPORT_ERROR` stands for every failure of the area that nobody foresaw. */
export const reportErrors = defineErrorFamily({
  REPORT_ERROR: {
    category: 'business_logic',
    status: 500,
    retryable: false,
    message: { en: 'The report could not be made', zh: '报表生成失败' },
    hint: { en: 'Try again later. If it stays, tell the operators the error’s id.', zh: '请稍后重试。如果问题依旧，请把错误编号告诉运维人员。' },
  },
  REPORT_NOT_FOUND: {
    category: 'not_found',
    status: 404,
    retryable: false,
    message: { en: 'There is no report {report}', zh: '报表 {report} 不存在' },
    hint: { en: 'Choose one of the reports in the list.', zh: '请从报表列表中选择。' },
  },
  REPORT_RANGE_TOO_LONG: {
    category: 'validation',
    status: 422,
    retryable: false,
    message: { en: 'The report covers at most {days} days', zh: '报表最多覆盖 {days} 天' },
    hint: { en: 'Choose a shorter range, or make several reports.', zh: '请缩短时间范围，或分成多份报表。' },
  },
  REPORT_NOT_READY: {
    category: 'busy',
    status: 503,
    retryable: true,
    message: { en: 'The report {report} is still being made', zh: '报表 {report} 正在生成' },
    hint: { en: 'Ask again in a minute.', zh: '请一分钟后再试。' },
  },
  REPORT_DATA_MISSING: {
    category: 'business_logic',
    status: 422,
    retryable: false,
    message: { en: 'There are no figures for {period}', zh: '{period} 没有数据' },
    hint: { en: 'Choose another period; figures of a day are there from the next morning.', zh: '请选择其他时间段；当日数据次日早晨可用。' },
  },
});
