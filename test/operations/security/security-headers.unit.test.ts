import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { securityErrors } from '../../../src/operations/security/security-errors.ts';
import type { ServiceMiddleware } from '../../../src/operations/http/service.ts';
import { type Answer, send } from './http-client.ts';
import { hardeningFor, overTls, type RunningService, startHardened } from './hardened-service.ts';

const handler: ServiceMiddleware = (ctx) => {
  if (ctx.path === '/refused') throw securityErrors.CSRF_TOKEN_REFUSED({});
  if (ctx.path === '/broken') throw new Error('the inside');
  if (ctx.path === '/absent') return;
  if (ctx.path === '/own') ctx.set('Content-Security-Policy', "default-src 'none'; sandbox");
  if (ctx.path === '/kept') ctx.set('Cache-Control', 'public, max-age=60');
  if (ctx.path === '/opener') ctx.set('Cross-Origin-Opener-Policy', 'same-origin-allow-popups');
  ctx.body = ['/page', '/own', '/opener'].includes(ctx.path) ? '<!doctype html><p>page</p>' : { data: true };
};

const dataPolicy = "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'";
const pagePolicy = [
  "default-src 'none'", "script-src 'self'", /style-src 'self' 'sha256-[\w+/]{43}='/.source, "img-src 'self'", "font-src 'self'", "connect-src 'self'",
  "manifest-src 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
].join(';');

const headersOfAll = {
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

const headersOfPages = {
  ...headersOfAll,
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-opener-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'same-origin',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0',
  'permissions-policy': expect.stringMatching(/^accelerometer=\(\), .*camera=\(\), .*geolocation=\(\), .*microphone=\(\), .*payment=\(\), .*usb=\(\)/),
};

describe.each(['development', 'production'] as const)('an answer in %s', (mode) => {
  let service: RunningService;
  beforeAll(async () => { service = await startHardened(hardeningFor(mode), handler); });
  afterAll(async () => service.close());
  const get = async (path: string, accept = 'application/json'): Promise<Answer> =>
    send(service.url, { path, headers: { Accept: accept, ...(mode === 'production' ? overTls : {}) } });

  it('of data lets nothing be loaded, run, sent or framed', async () => {
    const { status, headers } = await get('/data');
    expect(status).toBe(200);
    expect(headers).toMatchObject({ ...headersOfAll, 'content-security-policy': dataPolicy, 'cache-control': 'no-store' });
  });

  it('of a page lets only the service’s own files be loaded, and styles that are known', async () => {
    const { headers } = await get('/page');
    expect(headers).toMatchObject({ ...headersOfPages, 'cache-control': 'no-store' });
    expect(headers['content-security-policy']).toMatch(new RegExp(`^${pagePolicy}${mode === 'production' ? ';upgrade-insecure-requests' : ''}$`));
  });

  it.each([
    ['/refused', 'application/json', 403],
    ['/refused', 'text/html', 403],
    ['/broken', 'application/json', 500],
    ['/broken', 'text/html', 500],
    ['/absent', 'application/json', 404],
    ['/absent', 'text/html', 404],
  ])('of an error carries them too: %s as %s', async (path, accept, expected) => {
    const { status, headers } = await get(path, accept);
    expect(status).toBe(expected);
    expect(headers).toMatchObject({ ...headersOfPages, 'cache-control': 'no-store', 'content-security-policy': expect.stringContaining("default-src 'none'") });
  });

  it('keeps what its route has set itself', async () => {
    expect((await get('/own')).headers['content-security-policy']).toBe("default-src 'none'; sandbox");
    expect((await get('/kept')).headers['cache-control']).toBe('public, max-age=60');
    expect((await get('/opener')).headers['cross-origin-opener-policy']).toBe('same-origin-allow-popups');
  });

  it('does not say what it is made with', async () => {
    const { headers } = await get('/data');
    expect([headers['x-powered-by'], headers.server]).toEqual([undefined, undefined]);
  });

  it('keeps browsers to HTTPS for a year in production, subdomains and preload included', async () => {
    const expected = mode === 'production' ? 'max-age=31536000; includeSubDomains; preload' : undefined;
    for (const path of ['/data', '/page', '/broken', '/absent']) expect((await get(path)).headers['strict-transport-security']).toBe(expected);
  });
});

it('keeps browsers to HTTPS as long and as widely as set', async () => {
  const set = { hstsSeconds: 600, hstsIncludeSubdomains: false, hstsPreload: false };
  const service = await startHardened(hardeningFor('production', set), handler);
  try {
    expect((await send(service.url, { headers: overTls })).headers['strict-transport-security']).toBe('max-age=600');
  } finally {
    await service.close();
  }
});

it('says nothing of HTTPS to come on an answer over plain HTTP', async () => {
  const service = await startHardened(hardeningFor('production', { httpsRedirect: false }), handler);
  try {
    const { status, headers } = await send(service.url, { headers: { Host: 'backups.example.com', 'X-Forwarded-Proto': 'http' } });
    expect([status, headers['strict-transport-security']]).toEqual([200, undefined]);
  } finally {
    await service.close();
  }
});
