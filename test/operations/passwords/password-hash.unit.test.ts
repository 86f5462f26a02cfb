import { describe, expect, it } from '@jest/globals';
import { hashPassword, type PasswordScheme, preferredScheme, verifyPassword } from '../../../src/operations/passwords/password-hash.ts';

const argon2: PasswordScheme = { name: 'argon2id', parameters: { m: 64, t: 2, p: 1 } };
const scrypt: PasswordScheme = { name: 'scrypt', parameters: { ln: 4, r: 8, p: 1 } };

describe('password hashes', () => {
  it.each([argon2, scrypt])('by $name verify the password and no other', async (scheme) => {
    const hash = await hashPassword('seven brown kettles', scheme);
    expect(await verifyPassword('seven brown kettles', hash, scheme)).toEqual({ valid: true, outdated: false });
    expect(await verifyPassword('seven brown kettle', hash, scheme)).toEqual({ valid: false, outdated: false });
    expect(await hashPassword('seven brown kettles', scheme)).not.toBe(hash);
  });

  it('are PHC strings that other programs read', async () => {
    // A test vector of the reference implementation (phc-winner-argon2, src/test.c).
    const reference = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    expect(await verifyPassword('password', reference, argon2)).toEqual({ valid: true, outdated: true });
    expect(await hashPassword('x', argon2)).toMatch(/^\$argon2id\$v=19\$m=64,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await hashPassword('x', scrypt)).toMatch(/^\$scrypt\$ln=4,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  });

  it('are the same however a keyboard sends a character', async () => {
    const hash = await hashPassword('Zürich\u{FB01}', argon2);
    expect((await verifyPassword('Zu\u{308}richfi', hash, argon2)).valid).toBe(true);
  });

  it('say when they were made with other costs or another way than today', async () => {
    const hash = await hashPassword('x', scrypt);
    expect(await verifyPassword('x', hash, argon2)).toEqual({ valid: true, outdated: true });
    expect(await verifyPassword('x', hash, { ...scrypt, parameters: { ...scrypt.parameters, ln: 5 } })).toEqual({ valid: true, outdated: true });
  });

  it.each(['', 'plain', '$2b$10$abcdefghijklmnopqrstuv', '$argon2id$v=19$m=64$$', '$argon2id$v=18$m=64,t=2,p=1$c29tZXNhbHQ$CTFh'])('do not take %j for one', async (text) => {
    await expect(verifyPassword('x', text, argon2)).rejects.toThrow('not of a known form');
  });

  it.each(['$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO0', '$scrypt$ln=40,r=8,p=1$c29tZXNhbHQ$CTFhFdXPJO0'])('do not take the machine’s memory (%#)', async (text) => {
    await expect(verifyPassword('x', text, argon2)).rejects.toThrow('too much memory');
  });

  it('are made by Argon2id where Node has it, at OWASP’s costs', () => {
    expect(preferredScheme()).toEqual({ name: 'argon2id', parameters: { m: 19_456, t: 2, p: 1 } });
  });
});
