import { defineErrorFamily } from '../errors.ts';

/** Why a check is not well. */
export const healthErrors = defineErrorFamily({
  CHECK_PENDING: {
    category: 'busy',
    status: 503,
    retryable: true,
    message: { en: 'The check {check} has no result yet', zh: '检查项 {check} 尚无结果' },
    hint: { en: 'Wait for its first run.', zh: '请等待首次检查完成。' },
  },
  CHECK_FAILED: {
    category: 'internal',
    status: 503,
    retryable: true,
    message: { en: 'The check {check} failed', zh: '检查项 {check} 失败' },
    hint: { en: 'The log line of the check tells the cause.', zh: '原因见该检查项的日志。' },
  },
  CHECK_TIMED_OUT: {
    category: 'busy',
    status: 503,
    retryable: true,
    message: { en: 'The check {check} gave no answer within {milliseconds} ms', zh: '检查项 {check} 在 {milliseconds} 毫秒内没有响应' },
    hint: { en: 'See whether what it looks at is overloaded or cut off.', zh: '请查看被检查的对象是否过载或网络中断。' },
  },
  CHECK_STALE: {
    category: 'internal',
    status: 503,
    retryable: true,
    message: { en: 'The last result of the check {check} is {seconds} s old', zh: '检查项 {check} 的最近结果已是 {seconds} 秒前' },
    hint: { en: 'The process was blocked or suspended; see the event loop lag.', zh: '进程曾被阻塞或挂起；请查看事件循环延迟。' },
  },
  DISK_SPACE_LOW: {
    category: 'busy',
    status: 503,
    retryable: false,
    message: { en: 'The disk of {path} is {percent} % full', zh: '{path} 所在磁盘已使用 {percent}%' },
    hint: { en: 'Free space or enlarge the volume.', zh: '请释放空间或扩大卷容量。' },
  },
  EVENT_LOOP_LAGS: {
    category: 'busy',
    status: 503,
    retryable: true,
    message: { en: 'The event loop lags by {milliseconds} ms', zh: '事件循环延迟 {milliseconds} 毫秒' },
    hint: { en: 'The process does too much at once: add replicas or find the slow code.', zh: '进程负载过高：请增加副本或查找耗时代码。' },
  },
  HEARTBEAT_SILENT: {
    category: 'internal',
    status: 503,
    retryable: true,
    message: { en: '{heartbeat} has given no sign of life for {seconds} s', zh: '{heartbeat} 已 {seconds} 秒没有心跳' },
    hint: { en: 'If it does not come back by itself, restart the process.', zh: '若不能自行恢复，请重启进程。' },
  },
});
