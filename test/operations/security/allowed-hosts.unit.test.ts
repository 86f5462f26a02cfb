import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hostMatcher } from '../../../src/operations/security/allowed-hosts.ts';
import { send, sendLines } from './http-client.ts';
import { hardeningFor, overTls, type RunningService, startHardened } from './hardened-service.ts';

describe('hostMatcher', () => {
  it.each([
    ['example.com', 'example.com', true],
    ['example.com', 'EXAMPLE.com:8443', true],
    ['example.com', 'example.com.', true],
    ['example.com', 'www.example.com', false],
    ['example.com', 'example.com.evil.test', false],
    ['example.com', 'evilexample.com', false],
    ['.example.com', 'example.com', true],
    ['.example.com', 'a.b.example.com:1', true],
    ['.example.com', 'evilexample.com', false],
    ['.Example.com', 'A.example.com', true],
    ['127.0.0.1', '127.0.0.1:8080', true],
    ['[::1]', '[::1]:8080', true],
    ['[::1]', '[::1]', true],
    ['[::1]', '::1', false],
    ['[2001:db8::1]', '[2001:DB8::1]:443', true],
    ['*', 'anything.test', true],
    ['*', 'any thing', false],
    ['*', '', false],
    ['*', 'a@b', false],
    ['*', 'a,b', false],
    ['*', 'a/b', false],
    ['*', 'a..b', false],
    ['example.com', 'example.com:port', false],
    ['example.com', 'example.com:', false],
    ['example.com', 'user@example.com', false],
  ])('with %s, %j is allowed: %s', (pattern, host, allowed) => {
    expect(hostMatcher([pattern])(host)).toBe(allowed);
  });

  it('allows nothing when nothing is listed', () => {
    expect(hostMatcher([])('localhost')).toBe(false);
  });
});

describe('a request', () => {
  let service: RunningService;
  beforeAll(async () => { service = await startHardened(hardeningFor('production', { allowedHosts: ['backups.example.com', '.pods.test'] }), (ctx) => { ctx.body = { host: ctx.host }; }); });
  afterAll(async () => service.close());

  it('for an allowed host is answered', async () => {
    for (const Host of ['backups.example.com', 'a.pods.test:8080']) {
      expect(await send(service.url, { headers: { ...overTls, Host } })).toMatchObject({ status: 200, body: JSON.stringify({ host: Host }) });
    }
  });

  it.each(['evil.test', 'backups.example.com.evil.test', 'backups.example.com@evil.test', 'backups.example.com, evil.test', '127.0.0.1', 'localhost', '[::1]'])(
    'for %s is refused, and the host it names does not come back',
    async (Host) => {
      const { status, body, headers } = await send(service.url, { headers: { ...overTls, Host, Accept: 'text/html' } });
      expect([status, headers['x-content-type-options']]).toEqual([400, 'nosniff']);
      expect(body).toContain('HOST_NOT_ALLOWED');
      expect(body).not.toContain('evil');
    },
  );

  const lines = ['X-Forwarded-Proto: https'];
  it.each([
    ['no host', 'GET / HTTP/1.0', []],
    ['an empty host', 'GET / HTTP/1.1', ['Host:']],
    ['two hosts', 'GET / HTTP/1.1', ['Host: backups.example.com', 'Host: evil.test']],
    ['the same host twice', 'GET / HTTP/1.1', ['Host: backups.example.com', 'Host: backups.example.com']],
    ['a request line with a host of its own', 'GET http://evil.test/ HTTP/1.1', ['Host: backups.example.com']],
    ['a request line with the same host', 'GET https://backups.example.com/ HTTP/1.1', ['Host: backups.example.com']],
  ])('with %s is refused', async (_what, first, hosts) => {
    expect(await sendLines(service.url, first, ...hosts, ...lines)).toBe(400);
  });

  it('may name its host in the way of a proxy that rewrites it, and is judged by that', async () => {
    expect((await send(service.url, { headers: { ...overTls, Host: 'service.internal', 'X-Forwarded-Host': 'backups.example.com' } })).status).toBe(200);
    expect((await send(service.url, { headers: { ...overTls, 'X-Forwarded-Host': 'evil.test' } })).status).toBe(400);
  });
});
