import { defineErrorFamily } from '../errors.ts';

export const limitErrors = defineErrorFamily({
  RATE_LIMITED: {
    category: 'rate_limit',
    status: 429,
    retryable: true,
    message: { en: 'Too many requests: at most {limit} in {windowSeconds} s', zh: '请求过多：每 {windowSeconds} 秒最多 {limit} 次' },
    hint: { en: 'Wait {waitSeconds} s, then go on more slowly.', zh: '请等待 {waitSeconds} 秒，然后放慢请求速度。' },
  },
  SIGN_IN_TOO_OFTEN: {
    category: 'rate_limit',
    status: 429,
    retryable: true,
    message: { en: 'Too many attempts to sign in', zh: '登录尝试次数过多' },
    hint: { en: 'Wait {waitSeconds} s before the next attempt.', zh: '请等待 {waitSeconds} 秒后再试。' },
  },
});
