import { expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { send } from './http-client.ts';
import { hardeningFor, startHardened } from './hardened-service.ts';

interface Seen { ip: string; ips: string[]; protocol: string; secure: boolean; host: string; hostname: string }

/** What a service behind so many proxies takes of a request with these headers. */
async function seenWith(proxyHops: number, headers: Record<string, string | string[]>): Promise<Seen> {
  const hardening = hardeningFor('development', { proxyHops, allowedHosts: ['*'] });
  const service = await startHardened(hardening, (ctx) => {
    const { ip, ips, protocol, secure, host, hostname } = ctx;
    ctx.body = { ip, ips, protocol, secure, host, hostname };
  });
  try {
    return JSON.parse((await send(service.url, { headers: { Host: 'direct.test', ...headers } })).body) as Seen;
  } finally {
    await service.close();
  }
}

const forged = { 'X-Forwarded-For': '203.0.113.66', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'evil.test', Forwarded: 'for=203.0.113.66;proto=https;host=evil.test' };

it('believes nothing forwarded when there is no proxy', async () => {
  expect(await seenWith(0, forged)).toEqual({ ip: '127.0.0.1', ips: [], protocol: 'http', secure: false, host: 'direct.test', hostname: 'direct.test' });
});

it('takes client, protocol and host from the one proxy that is there', async () => {
  const headers = { 'X-Forwarded-For': '192.0.2.7', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'backups.example.com' };
  expect(await seenWith(1, headers)).toEqual({
    ip: '192.0.2.7', ips: ['192.0.2.7'], protocol: 'https', secure: true, host: 'backups.example.com', hostname: 'backups.example.com',
  });
});

it('ignores what a client wrote before the proxy appended', async () => {
  const headers = { 'X-Forwarded-For': '203.0.113.66, 10.9.9.9, 192.0.2.7', 'X-Forwarded-Proto': 'https, http', 'X-Forwarded-Host': 'evil.test, backups.example.com' };
  expect(await seenWith(1, headers)).toMatchObject({ ip: '192.0.2.7', protocol: 'http', secure: false, host: 'backups.example.com' });
});

it('ignores a header of the client’s own that stands before the proxy’s', async () => {
  expect(await seenWith(1, { 'X-Forwarded-For': ['203.0.113.66', '192.0.2.7'] })).toMatchObject({ ip: '192.0.2.7', ips: ['192.0.2.7'] });
});

it('counts back over two proxies', async () => {
  const headers = { 'X-Forwarded-For': '203.0.113.66, 192.0.2.7, 10.0.0.2', 'X-Forwarded-Proto': 'https, http' };
  expect(await seenWith(2, headers)).toMatchObject({ ip: '192.0.2.7', ips: ['192.0.2.7', '10.0.0.2'], protocol: 'https' });
});

it('takes the protocol that the outer of two proxies set and the inner left', async () => {
  expect(await seenWith(2, { 'X-Forwarded-For': '192.0.2.7, 10.0.0.2', 'X-Forwarded-Proto': 'https' })).toMatchObject({ protocol: 'https' });
});

it.each([
  ['192.0.2.7:4711', '192.0.2.7'],
  ['[2001:db8::7]:4711', '2001:db8::7'],
  ['2001:db8::7', '2001:db8::7'],
  ['unknown', '127.0.0.1'],
  ['<script>', '127.0.0.1'],
  ['999.0.0.1', '127.0.0.1'],
  ['', '127.0.0.1'],
])('reads the address %j as %s', async (entry, ip) => {
  expect((await seenWith(1, { 'X-Forwarded-For': entry })).ip).toBe(ip);
});

it.each(['javascript', 'HTTPS', 'https', ''])('knows http and https only: %j', async (protocol) => {
  expect((await seenWith(1, { 'X-Forwarded-Proto': protocol })).protocol).toBe(protocol.toLowerCase() === 'https' ? 'https' : 'http');
});

it('whatever a client writes, what the proxy appended counts', async () => {
  const service = await startHardened(hardeningFor('development', { proxyHops: 1, allowedHosts: ['*'] }), (ctx) => {
    ctx.body = [ctx.ip, ctx.protocol, ctx.host];
  });
  const piece = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('https', 'http', 'unknown', '', ' ', '"', ';', '[::1]:1', 'evil.test'), fc.string({ maxLength: 8 }));
  const written = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(',').replaceAll(/[^ -~]/g, ''));
  try {
    await fc.assert(
      fc.asyncProperty(written, written, written, async (addresses, protocols, hosts) => {
        const headers = {
          Host: 'direct.test',
          'X-Forwarded-For': `${addresses}, 192.0.2.7`,
          'X-Forwarded-Proto': `${protocols}, http`,
          'X-Forwarded-Host': `${hosts}, backups.example.com`,
        };
        const { body } = await send(service.url, { headers });
        expect(JSON.parse(body)).toEqual(['192.0.2.7', 'http', 'backups.example.com']);
      }),
      { numRuns: 200 },
    );
  } finally {
    await service.close();
  }
});
