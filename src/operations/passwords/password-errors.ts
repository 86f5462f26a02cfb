import { defineErrorFamily } from '../errors.ts';

export const passwordErrors = defineErrorFamily({
  PASSWORD_TOO_SHORT: {
    category: 'validation',
    status: 422,
    retryable: false,
    message: { en: 'The password is too short: it has {length} characters', zh: '密码太短：只有 {length} 个字符' },
    hint: { en: 'Take at least {least} characters; several words in a row are easy to remember.', zh: '请至少使用 {least} 个字符；几个词连在一起便于记忆。' },
  },
  PASSWORD_TOO_LONG: {
    category: 'validation',
    status: 422,
    retryable: false,
    message: { en: 'The password is too long: it has {length} characters', zh: '密码太长：有 {length} 个字符' },
    hint: { en: 'Take at most {most} characters.', zh: '请最多使用 {most} 个字符。' },
  },
  PASSWORD_TOO_COMMON: {
    category: 'validation',
    status: 422,
    retryable: false,
    message: { en: 'The password is one of those that are tried first', zh: '该密码属于最先被猜测的常见密码' },
    hint: { en: 'Take one that nobody else uses.', zh: '请使用他人不会使用的密码。' },
  },
  PASSWORD_IS_NAME: {
    category: 'validation',
    status: 422,
    retryable: false,
    message: { en: 'The password is made of the account’s name', zh: '密码由账户名构成' },
    hint: { en: 'Take one that cannot be guessed from the name.', zh: '请使用无法从账户名猜出的密码。' },
  },
  PASSWORD_CHECKS_BUSY: {
    category: 'busy',
    status: 503,
    retryable: true,
    message: { en: 'Too many passwords are being checked', zh: '正在校验的密码过多' },
    hint: { en: 'Try again in a few seconds.', zh: '请几秒后重试。' },
  },
});
