import { defineErrorFamily } from '../operations/errors.ts';

export const accountErrors = defineErrorFamily({
  SIGN_IN_REFUSED: {
    category: 'authentication',
    status: 401,
    retryable: false,
    // The same for an unknown name, a wrong password and a disabled account: who guesses learns nothing.
    message: { en: 'Name or password is not right', zh: '用户名或密码不正确' },
    hint: { en: 'Check both and sign in again. An administrator can set a new password.', zh: '请检查后重新登录。管理员可以设置新密码。' },
  },
  ACCOUNT_UNKNOWN: {
    category: 'not_found',
    status: 404,
    retryable: false,
    message: { en: 'There is no such account', zh: '账户不存在' },
    hint: { en: 'List the accounts and name one of them.', zh: '请查看账户列表并选择其中之一。' },
  },
  ACCOUNT_NAME_TAKEN: {
    category: 'business_logic',
    status: 409,
    retryable: false,
    message: { en: 'Another account has the name {name}', zh: '名称 {name} 已被其他账户使用' },
    hint: { en: 'Take another name; upper and lower case make no difference.', zh: '请使用其他名称；不区分大小写。' },
  },
  ACCOUNT_NAME_INVALID: {
    category: 'validation',
    status: 422,
    retryable: false,
    message: { en: 'This is not a name for an account', zh: '账户名称无效' },
    hint: {
      en: 'Begin with a letter or digit; up to 64 letters, digits, dots, hyphens, underscores, plus and at signs.',
      zh: '请以字母或数字开头，最多 64 个字母、数字、点、连字符、下划线、加号或 @。',
    },
  },
  ACCOUNT_LAST_ADMIN: {
    category: 'safety',
    status: 409,
    retryable: false,
    message: { en: 'This is the last administrator who can sign in', zh: '这是最后一个可登录的管理员' },
    hint: { en: 'Make another account an administrator first.', zh: '请先将其他账户设为管理员。' },
  },
  PASSWORD_WRONG: {
    category: 'authorization',
    status: 403,
    retryable: false,
    message: { en: 'The current password is not right', zh: '当前密码不正确' },
    hint: { en: 'Enter the password with which you signed in.', zh: '请输入登录时使用的密码。' },
  },
});
