import { defineErrorFamily } from '../operations/errors.ts';

export const tokenErrors = defineErrorFamily({
  TOKEN_UNKNOWN: {
    category: 'not_found',
    status: 404,
    retryable: false,
    message: { en: 'There is no such API token', zh: 'API 令牌不存在' },
    hint: { en: 'List the tokens and name one of them.', zh: '请查看令牌列表并选择其中之一。' },
  },
  TOKEN_NAME_INVALID: {
    category: 'validation',
    status: 422,
    retryable: false,
    message: { en: 'This is not a name for an API token', zh: 'API 令牌名称无效' },
    hint: { en: 'Take 1 to 100 characters that say what the token is for.', zh: '请使用 1 至 100 个字符说明令牌的用途。' },
  },
  TOKEN_SCOPES_INVALID: {
    category: 'validation',
    status: 422,
    retryable: false,
    message: { en: 'These are not scopes for an API token', zh: 'API 令牌的权限范围无效' },
    hint: { en: 'Give 1 to 20 scopes such as backups:read.', zh: '请给出 1 至 20 个权限范围，例如 backups:read。' },
  },
  TOKEN_EXPIRY_INVALID: {
    category: 'validation',
    status: 422,
    retryable: false,
    message: { en: 'An API token cannot expire then', zh: 'API 令牌的到期时间无效' },
    hint: { en: 'Take a time in the future, {days} days from now at most.', zh: '请使用将来的时间，最晚为 {days} 天之后。' },
  },
});
