import { expect, it } from '@jest/globals';
import { cookiesOf } from '../../../src/operations/security/cookies.ts';
import { send } from './http-client.ts';
import { hardeningFor, overTls, startHardened } from './hardened-service.ts';

it.each([
  ['development', ['session=one; path=/; samesite=lax; httponly', 'csrf=two; path=/; samesite=strict; httponly']],
  ['production', ['__Host-session=one; path=/; samesite=lax; secure; httponly', '__Host-csrf=two; path=/; samesite=strict; secure; httponly']],
] as const)('in %s cookies bear these names and attributes', async (mode, expected) => {
  const hardening = hardeningFor(mode);
  const { session, csrf } = cookiesOf(hardening);
  const service = await startHardened(hardening, (ctx) => {
    ctx.cookies.set(session.name, 'none', session.attributes);
    ctx.cookies.set(session.name, 'one', session.attributes);
    ctx.cookies.set(csrf.name, 'two', csrf.attributes);
    ctx.body = 'done';
  });
  try {
    const { headers } = await send(service.url, { headers: mode === 'production' ? overTls : {} });
    expect(headers['set-cookie']).toEqual(expected);
  } finally {
    await service.close();
  }
});
