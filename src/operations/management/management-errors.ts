import { defineErrorFamily } from '../errors.ts';

/** What the management port refuses. */
export const managementErrors = defineErrorFamily({
  MANAGEMENT_PATH_UNKNOWN: {
    category: 'not_found',
    status: 404,
    retryable: false,
    message: { en: 'The management port has nothing at {path}', zh: '管理端口没有路径 {path}' },
    hint: { en: 'GET / lists what there is.', zh: 'GET / 会列出全部路径。' },
  },
  MANAGEMENT_METHOD_REFUSED: {
    category: 'usage',
    status: 405,
    retryable: false,
    message: { en: '{path} does not take {method}', zh: '{path} 不支持 {method}' },
    hint: { en: 'Allowed: {allowed}.', zh: '允许的方法：{allowed}。' },
  },
  MANAGEMENT_BROWSER_REFUSED: {
    category: 'safety',
    status: 403,
    retryable: false,
    message: { en: 'A web page may change nothing here', zh: '不允许网页在此进行更改' },
    hint: { en: 'Send the request with curl or another program, without an Origin header.', zh: '请使用 curl 等程序发送请求，且不带 Origin 请求头。' },
  },
  MANAGEMENT_TYPE_REFUSED: {
    category: 'usage',
    status: 415,
    retryable: false,
    message: { en: 'The body must be application/json', zh: '请求体必须是 application/json' },
    hint: { en: 'Set the header Content-Type: application/json.', zh: '请设置请求头 Content-Type: application/json。' },
  },
  MANAGEMENT_BODY_TOO_LARGE: {
    category: 'usage',
    status: 413,
    retryable: false,
    message: { en: 'The body is longer than {bytes} bytes', zh: '请求体超过 {bytes} 字节' },
    hint: { en: 'Send only the value to set.', zh: '请只发送要设置的值。' },
  },
  LOG_LEVEL_INVALID: {
    category: 'usage',
    status: 400,
    retryable: false,
    message: { en: 'The body names no log level', zh: '请求体未指明有效的日志级别' },
    hint: { en: 'Send {example}, the level one of {levels}.', zh: '请发送 {example}，级别为以下之一：{levels}。' },
  },
  MAIN_THREAD_SILENT: {
    category: 'busy',
    status: 503,
    retryable: true,
    message: { en: 'The main thread has not answered for {seconds} s', zh: '主线程已 {seconds} 秒没有响应' },
    hint: { en: '/livez tells whether it is busy or hangs.', zh: '/livez 会说明它是繁忙还是挂起。' },
  },
  MANAGEMENT_FAILED: {
    category: 'internal',
    status: 500,
    retryable: false,
    message: { en: '{path} failed', zh: '{path} 执行失败' },
    hint: { en: 'The log tells the cause.', zh: '原因见日志。' },
  },
});
