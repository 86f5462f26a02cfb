import { type AreaError, defineErrorFamily, type HoldfastError } from '../errors.ts';

/** What goes wrong between a client and any route, before or around the route's own work. */
export const httpErrors = defineErrorFamily({
  INTERNAL_ERROR: {
    category: 'internal',
    status: 500,
    retryable: false,
    message: { en: 'Something went wrong on our side', zh: '服务器内部出错' },
    hint: {
      en: 'Try again later. If it stays, tell the operators the error’s id: the log holds the details under it.',
      zh: '请稍后重试。如果问题依旧，请把错误编号告诉运维人员：日志中有对应的详情。',
    },
  },
  REQUEST_MALFORMED: {
    category: 'validation',
    status: 400,
    retryable: false,
    message: { en: 'The request is malformed', zh: '请求格式错误' },
    hint: { en: 'Correct the request line, the headers or the parameters.', zh: '请更正请求行、请求头或参数。' },
  },
  REQUEST_INVALID: {
    category: 'validation',
    status: 422,
    retryable: false,
    message: { en: 'Some of what was sent is not valid', zh: '提交的内容中有无效的部分' },
    hint: { en: 'Correct the fields that the answer’s data names.', zh: '请更正 data 中列出的字段。' },
  },
  REQUEST_TIMED_OUT: {
    category: 'validation',
    status: 408,
    retryable: true,
    message: { en: 'The request did not arrive in time', zh: '请求未能及时到达' },
    hint: { en: 'Send it again, faster or in smaller pieces.', zh: '请加快速度或分成更小的部分重新发送。' },
  },
  REQUEST_CONFLICT: {
    category: 'validation',
    status: 409,
    retryable: false,
    message: { en: 'The request does not fit the present state', zh: '请求与当前状态冲突' },
    hint: { en: 'Read the present state and decide again.', zh: '请读取当前状态后重新决定。' },
  },
  HEADERS_TOO_LARGE: {
    category: 'validation',
    status: 431,
    retryable: false,
    message: { en: 'The request’s headers are too large', zh: '请求头过大' },
    hint: { en: 'Send fewer or shorter headers; remove cookies that are not needed.', zh: '请减少或缩短请求头，并删除不需要的 Cookie。' },
  },
  BODY_INVALID: {
    category: 'validation',
    status: 400,
    retryable: false,
    message: { en: 'The body cannot be read: {problem}', zh: '无法读取请求正文：{problem}' },
    hint: { en: 'Send a whole and well-formed body of the type that Content-Type names.', zh: '请发送完整且格式正确、与 Content-Type 相符的正文。' },
  },
  BODY_TOO_LARGE: {
    category: 'validation',
    status: 413,
    retryable: false,
    message: { en: 'The body is larger than {limit} bytes', zh: '请求正文超过 {limit} 字节' },
    hint: { en: 'Send less at once.', zh: '请减少单次发送的内容。' },
  },
  BODY_TYPE_UNSUPPORTED: {
    category: 'validation',
    status: 415,
    retryable: false,
    message: { en: 'A body of this type, character set or encoding is not taken', zh: '不接受此类型、字符集或编码的正文' },
    hint: {
      en: 'Send application/json or application/x-www-form-urlencoded in UTF-8, as it is or compressed with gzip.',
      zh: '请以 UTF-8 发送 application/json 或 application/x-www-form-urlencoded，可以用 gzip 压缩。',
    },
  },
  ROUTE_NOT_FOUND: {
    category: 'not_found',
    status: 404,
    retryable: false,
    message: { en: 'There is nothing at this address', zh: '此地址没有内容' },
    hint: { en: 'Check the address for mistakes; what was here may have been moved or removed.', zh: '请检查地址是否有误；原有内容可能已被移动或删除。' },
  },
  METHOD_NOT_ALLOWED: {
    category: 'validation',
    status: 405,
    retryable: false,
    message: { en: 'This address does not take this method, but {allowed}', zh: '此地址不支持该方法，支持的方法：{allowed}' },
    hint: { en: 'Use one of the methods that the Allow header lists.', zh: '请使用 Allow 响应头列出的方法。' },
  },
  METHOD_NOT_IMPLEMENTED: {
    category: 'validation',
    status: 501,
    retryable: false,
    message: { en: 'The service does not know this method', zh: '服务不支持该请求方法' },
    hint: { en: 'Use GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS.', zh: '请使用 GET、HEAD、POST、PUT、PATCH、DELETE 或 OPTIONS。' },
  },
  SIGN_IN_REQUIRED: {
    category: 'authentication',
    status: 401,
    retryable: false,
    message: { en: 'Sign in to see this', zh: '请先登录' },
    hint: { en: 'Sign in, or send a valid API token as a bearer token.', zh: '请登录，或以 Bearer 方式发送有效的 API 令牌。' },
  },
  ACCESS_DENIED: {
    category: 'authorization',
    status: 403,
    retryable: false,
    message: { en: 'You may not do this', zh: '您没有执行此操作的权限' },
    hint: { en: 'Ask an administrator for the role that it needs.', zh: '请向管理员申请所需的角色。' },
  },
  SERVICE_UNAVAILABLE: {
    category: 'busy',
    status: 503,
    retryable: true,
    message: { en: 'The service cannot answer at the moment', zh: '服务暂时无法响应' },
    hint: { en: 'Try again in a few seconds.', zh: '请几秒后重试。' },
  },
});

/** The error of a status that a library or a handler chose by its number. */
export function errorOfStatus(status: number, cause?: unknown): HoldfastError {
  const make = byStatus[status] ?? (status < 500 ? httpErrors.REQUEST_MALFORMED : httpErrors.INTERNAL_ERROR);
  return make({}, cause === undefined ? {} : { cause });
}

const byStatus: Readonly<Record<number, AreaError>> = {
  401: httpErrors.SIGN_IN_REQUIRED,
  403: httpErrors.ACCESS_DENIED,
  404: httpErrors.ROUTE_NOT_FOUND,
  408: httpErrors.REQUEST_TIMED_OUT,
  409: httpErrors.REQUEST_CONFLICT,
  415: httpErrors.BODY_TYPE_UNSUPPORTED,
  422: httpErrors.REQUEST_INVALID,
  431: httpErrors.HEADERS_TOO_LARGE,
  501: httpErrors.METHOD_NOT_IMPLEMENTED,
  503: httpErrors.SERVICE_UNAVAILABLE,
};
