import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { send } from './http-client.ts';
import { hardeningFor, overTls, type RunningService, startHardened } from './hardened-service.ts';

const page = { Host: 'backups.example.com', Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe('in production', () => {
  let service: RunningService;
  beforeAll(async () => { service = await startHardened(hardeningFor('production'), (ctx) => { ctx.body = { done: true }; }); });
  afterAll(async () => service.close());

  it.each(['GET', 'HEAD'])('a page asked for over plain HTTP is to be asked for again over HTTPS (%s)', async (method) => {
    const { status, headers } = await send(service.url, { method, path: '/runs?day=1&x=%0d%0a', headers: { ...page, Host: 'backups.example.com:8080' } });
    expect([status, headers.location]).toEqual([308, 'https://backups.example.com/runs?day=1&x=%0d%0a']);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect(headers['strict-transport-security']).toBeUndefined();
  });

  it('a path that looks like another host stays on this one', async () => {
    expect((await send(service.url, { path: '//evil.test/x', headers: page })).headers.location).toBe('https://backups.example.com//evil.test/x');
  });

  it.each([
    ['a program', { method: 'GET', headers: { Host: 'backups.example.com', Accept: '*/*' } }],
    ['a program that takes JSON', { method: 'GET', headers: { Host: 'backups.example.com', Accept: 'application/json' } }],
    ['a page’s form', { method: 'POST', headers: page }],
    ['whoever shows a token', { method: 'GET', headers: { ...page, Authorization: 'Bearer hf_abc' } }],
  ])('%s is refused over plain HTTP, not redirected', async (_who, request) => {
    const { status, headers, body } = await send(service.url, request);
    expect([status, headers.location]).toEqual([403, undefined]);
    expect(body).toContain('HTTPS_REQUIRED');
  });

  it('everything is answered over HTTPS', async () => {
    for (const method of ['GET', 'POST', 'DELETE']) expect((await send(service.url, { method, headers: overTls })).status).toBe(200);
  });

  it('a client that only claims to have used HTTPS is refused', async () => {
    const claimed = { ...overTls, 'X-Forwarded-Proto': 'https, http' };
    expect((await send(service.url, { headers: claimed })).status).toBe(403);
  });
});

it('in development plain HTTP is answered', async () => {
  const service = await startHardened(hardeningFor('development'), (ctx) => { ctx.body = 'done'; });
  try {
    expect((await send(service.url, { headers: { Accept: 'text/html' } })).status).toBe(200);
    expect((await send(service.url, { method: 'POST' })).status).toBe(200);
  } finally {
    await service.close();
  }
});
