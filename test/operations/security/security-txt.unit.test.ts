import { expect, it } from '@jest/globals';
import { robotsHandler, robotsPath, securityTxtHandler, securityTxtPath } from '../../../src/operations/security/security-txt.ts';
import { send } from './http-client.ts';
import { hardeningFor, startHardened } from './hardened-service.ts';

it('tells where to report weaknesses and until when, in the form of RFC 9116', async () => {
  const settings = { contacts: ['mailto:security@example.com', 'https://example.com/security'], expires: new Date('2027-03-01T00:00:00Z') };
  const [securityTxt, robots] = [securityTxtHandler(settings), robotsHandler()];
  const service = await startHardened(hardeningFor('development'), (ctx, next) => {
    if (ctx.path === securityTxtPath) return securityTxt(ctx, next);
    return ctx.path === robotsPath ? robots(ctx, next) : next();
  });
  try {
    const file = await send(service.url, { path: '/.well-known/security.txt' });
    expect(file.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(file.body).toBe(
      'Contact: mailto:security@example.com\nContact: https://example.com/security\nExpires: 2027-03-01T00:00:00.000Z\nPreferred-Languages: en, zh\n',
    );
    expect((await send(service.url, { path: '/robots.txt' })).body).toBe('User-agent: *\nDisallow: /\n');
  } finally {
    await service.close();
  }
});
