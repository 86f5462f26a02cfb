import { defineErrorFamily } from '../errors.ts';

export const securityErrors = defineErrorFamily({
  HOST_NOT_ALLOWED: {
    category: 'validation',
    status: 400,
    retryable: false,
    message: { en: 'This service does not answer under the host that the request names.', zh: '本服务不以请求所指定的主机名提供服务。' },
    hint: {
      en: 'Use the address that the service is published under. Its operator sets the names in HOLDFAST_ALLOWED_HOSTS.',
      zh: '请使用服务公布的地址。运维人员在 HOLDFAST_ALLOWED_HOSTS 中设置允许的主机名。',
    },
  },
  HTTPS_REQUIRED: {
    category: 'authorization',
    status: 403,
    retryable: false,
    message: { en: 'This service is used over HTTPS only.', zh: '本服务只能通过 HTTPS 使用。' },
    hint: {
      en: 'Make the request again with https://. What was sent over plain HTTP may have been read by others: replace a token that was in it.',
      zh: '请改用 https:// 重新请求。通过明文 HTTP 发送的内容可能已被他人读取：若其中含有令牌，请更换。',
    },
  },
  CSRF_ORIGIN_REFUSED: {
    category: 'authorization',
    status: 403,
    retryable: false,
    message: { en: 'The request comes from a page of another site and was refused.', zh: '请求来自其他站点的页面，已被拒绝。' },
    hint: {
      en: 'Start from a page of this service. If the other site is yours, its operator lists it in HOLDFAST_TRUSTED_ORIGINS.',
      zh: '请从本服务的页面发起操作。若该站点属于您，请由运维人员将其列入 HOLDFAST_TRUSTED_ORIGINS。',
    },
  },
  CSRF_TOKEN_REFUSED: {
    category: 'authorization',
    status: 403,
    retryable: false,
    message: { en: 'The form is out of date and was not accepted.', zh: '表单已过期，未被接受。' },
    hint: {
      en: 'Load the page again and send the form once more. A program sends the token in the header X-CSRF-Token, or signs in by an API token instead.',
      zh: '请重新加载页面后再次提交。程序应在请求头 X-CSRF-Token 中发送令牌，或改用 API 令牌登录。',
    },
  },
});
