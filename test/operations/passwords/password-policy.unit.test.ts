import { beforeAll, describe, expect, it } from '@jest/globals';
import { openPasswordPolicy, type PasswordPolicy } from '../../../src/operations/passwords/password-policy.ts';

describe('the password policy', () => {
  let policy: PasswordPolicy;
  beforeAll(async () => { policy = await openPasswordPolicy(); });
  const check = (password: string) => () => { policy.check(password, { name: 'Alice' }); };

  it.each(['seven brown kettles', 'kkvwzqrt', 'a'.repeat(120) + 'bcdefgh!', '北京的秋天很美丽', ' 8 chars', '🦊🐻🐼🐨🐯🦁🐮🐷'])('takes %j, whatever it is composed of', (password) => {
    expect(check(password)).not.toThrow();
  });

  it.each([
    ['PASSWORD_TOO_SHORT', 'kkvwzqr'],
    ['PASSWORD_TOO_SHORT', '🦊🐻🐼🐨🐯🦁🐮'],
    ['PASSWORD_TOO_SHORT', ''],
    ['PASSWORD_TOO_LONG', 'x'.repeat(129)],
    ['PASSWORD_TOO_COMMON', 'password'],
    ['PASSWORD_TOO_COMMON', 'PassWord1'],
    ['PASSWORD_TOO_COMMON', '12345678'],
    ['PASSWORD_TOO_COMMON', 'qwertyuiop'],
    ['PASSWORD_TOO_COMMON', 'ｐａｓｓｗｏｒｄ'],
    ['PASSWORD_IS_NAME', 'alicealice'],
    ['PASSWORD_IS_NAME', 'aLICE12!'],
    ['PASSWORD_IS_NAME', '!alice-Alice!'],
  ])('says %s of %j', (code, password) => {
    let error: unknown;
    try {
      check(password)();
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ code, status: 422, category: 'validation' });
  });
});
