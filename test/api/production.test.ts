import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startBrowser } from '../support/browser.ts';
import { observe } from '../services/http-observatory.ts';
import { host, type Production, startProduction } from './production.ts';
import { password, startService, variants } from './service-under-test.ts';
import { Visitor } from './visitor.ts';

const forPeople = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
/** What a browser is told with every page. */
const pageHeaders = {
  'content-security-policy': expect.stringMatching(/^default-src 'none';.*style-src ('self' )?'sha256-[^']+';.*base-uri 'none';.*frame-ancestors 'none'/),
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'permissions-policy': expect.stringContaining('camera=()'),
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
};

describe('in production, behind a proxy that ends TLS', () => {
  let production: Production;
  beforeAll(async () => {
    production = await startProduction();
  });
  afterAll(async () => {
    await production.close();
  });

  it('pages asked for over plain HTTP are redirected to HTTPS, all else is refused', async () => {
    const page = await production.ask('http', '/sign-in?from=mail', { headers: forPeople });
    expect([page.status, page.headers.location]).toEqual([308, `https://${host}/sign-in?from=mail`]);
    for (const [path, question] of [
      ['/api/v1/me', { headers: { accept: 'application/json', authorization: 'Bearer hf_secret' } }],
      ['/sign-in', { method: 'POST', headers: { ...forPeople, 'content-type': 'application/x-www-form-urlencoded' }, body: 'name=a&password=b' }],
      ['/core/health/', {}],
    ] as const) {
      const answer = await production.ask('http', path, question);
      expect([path, answer.status, answer.text]).toEqual([path, 403, expect.stringContaining('HTTPS_REQUIRED')]);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    // A client that only claims to have come by HTTPS: the proxy appends what is true.
    const forged = await production.ask('http', '/api/v1/me', { headers: { 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.1' } });
    expect([forged.status, forged.text]).toEqual([403, expect.stringContaining('HTTPS_REQUIRED')]);
  });

  it('browsers are told to keep to HTTPS, and only over HTTPS', async () => {
    const lasting = 'max-age=31536000; includeSubDomains; preload';
    for (const path of ['/sign-in', '/api/v1/me', '/nothing', '/core/health/']) {
      expect([path, (await production.ask('https', path)).headers['strict-transport-security']]).toEqual([path, lasting]);
    }
    for (const headers of [forPeople, {}]) expect((await production.ask('http', '/sign-in', { headers })).headers['strict-transport-security']).toBeUndefined();
  });

  it('every page has every header, error pages included', async () => {
    for (const path of ['/sign-in', '/errors', '/nothing', '/api/v1/accounts']) {
      const { headers } = await production.ask('https', path, { headers: forPeople });
      expect({ path, ...headers }).toMatchObject({ path, 'content-type': 'text/html; charset=utf-8', ...pageHeaders });
      expect([headers['server'], headers['x-powered-by']]).toEqual([undefined, undefined]);
    }
  });

  it('its cookies go to this host alone, over HTTPS alone, and no script reads them', async () => {
    const { name } = await production.under.account('admin');
    const page = await production.ask('https', '/sign-in', { headers: forPeople });
    const cookies = [...(page.headers['set-cookie'] ?? [])];
    const form = new URLSearchParams({ name, password, _csrf: /name="_csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '' });
    const headers = { ...forPeople, origin: `https://${host}`, cookie: cookies.map((line) => line.split(';')[0]).join('; '), 'content-type': 'application/x-www-form-urlencoded' };
    const done = await production.ask('https', '/sign-in', { method: 'POST', headers, body: form.toString() });
    expect([done.status, done.headers.location]).toEqual([303, '/']);
    cookies.push(...(done.headers['set-cookie'] ?? []));
    expect(cookies).toContainEqual(expect.stringMatching(/^__Host-csrf=[^;]+; path=\/; samesite=strict; secure; httponly$/));
    expect(cookies).toContainEqual(expect.stringMatching(/^__Host-session=[^;]+; path=\/;( max-age=\d+;| expires=[^;]+;)* samesite=lax; secure; httponly$/));
    expect(cookies.filter((line) => !/^__Host-.*; secure; httponly/.test(line))).toEqual([]);
  });

  it('names of other hosts are refused, whichever header they come in', async () => {
    expect((await production.ask('https', '/sign-in', { headers: { host: 'evil.example' } })).text).toContain('HOST_NOT_ALLOWED');
    expect((await production.ask('https', '/sign-in', { headers: { 'x-forwarded-host': 'evil.example' } })).status).toBe(200);
    expect((await production.ask('http', '/sign-in', { headers: { ...forPeople, host: 'evil.example' } })).headers.location).toBeUndefined();
  });

  it('a real browser gets from a plain address to HTTPS, signs in, and keeps cookies that no script sees', async () => {
    const { httpPort, httpsPort } = production.proxy;
    const browser = await startBrowser({ hostRules: `MAP ${host}:80 127.0.0.1:${httpPort},MAP ${host}:443 127.0.0.1:${httpsPort}` });
    try {
      const { name } = await production.under.account('admin');
      await browser.page.goto(`http://${host}/`);
      expect(browser.page.url()).toBe(`https://${host}/sign-in`);
      // Of the redirect Chromium says that an opener policy counts for nothing over plain HTTP.
      expect(browser.complaints()).toEqual([expect.stringContaining('Cross-Origin-Opener-Policy header has been ignored')]);
      await browser.page.locator('input[name=name]').fill(name);
      await browser.page.locator('input[name=password]').fill(password);
      await browser.page.locator('form button').click();
      await browser.page.waitForURL(`https://${host}/`);
      expect(await browser.page.locator('main').innerText()).toContain(name);
      const kept = (await browser.cookies()).map(({ name: cookie, secure, httpOnly, sameSite }) => ({ cookie, secure, httpOnly, sameSite }));
      expect(kept.toSorted((a, b) => a.cookie.localeCompare(b.cookie))).toEqual([
        { cookie: '__Host-csrf', secure: true, httpOnly: true, sameSite: 'Strict' },
        { cookie: '__Host-session', secure: true, httpOnly: true, sameSite: 'Lax' },
      ]);
      expect(await browser.page.evaluate('document.cookie')).toBe('');
      expect(browser.complaints()).toEqual([]);
    } finally {
      await browser.close();
    }
  });

  /**
   * Each rule at its best, but for what lies outside of the service or would make it worse: 5 points are for a host on the list
   * that browsers are shipped with, 5 for scripts with digests, where these pages have no script; 5 for cookies where there are any.
   */
  it.each([
    { path: '/sign-in', score: 135, short: ['strict-transport-security', 'subresource-integrity'] },
    { path: '/errors', score: 130, short: ['cookies', 'strict-transport-security', 'subresource-integrity'] },
    { path: '/api/v1/accounts', score: 130, short: ['cookies', 'strict-transport-security', 'subresource-integrity'] },
  ])('Mozilla’s HTTP Observatory gives $path A+ and finds nothing to mend', async ({ path, score, short }) => {
    const scan = await observe({ host, ...production.proxy }, path);
    process.stdout.write(`HTTP Observatory: ${path} (${scan.statusCode}) ${scan.score} of ${scan.most}, ${scan.grade}\n`);
    expect(Object.entries(scan.rules).filter(([, { pass, scoreModifier }]) => !pass || scoreModifier < 0)).toEqual([]);
    expect([scan.score, scan.grade]).toEqual([score, 'A+']);
    expect(scan.most - scan.score).toBe(5 * short.length);
    expect(Object.entries(scan.rules).flatMap(([rule, { best, scoreModifier }]) => (scoreModifier < best ? [rule] : []))).toEqual(short);
  }, 300_000);
});

it('in development plain HTTP is answered, with the same headers but for HTTPS, and plain cookies', async () => {
  const under = await startService(variants[0]);
  try {
    const page = await new Visitor(under.url).get('/sign-in', forPeople);
    expect([page.status, page.headers.get('strict-transport-security')]).toEqual([200, null]);
    expect(Object.fromEntries(page.headers)).toMatchObject(pageHeaders);
    // It would send forms of a service that speaks plain HTTP to an HTTPS that is not there.
    expect(page.headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests');
    expect(page.headers.getSetCookie()).toEqual([expect.stringMatching(/^csrf=[^;]+; path=\/; samesite=strict; httponly$/)]);
    const { name } = await under.account('viewer');
    const done = await new Visitor(under.url).signIn(name);
    expect([done.status, done.headers.getSetCookie()]).toEqual([200, expect.arrayContaining([expect.stringMatching(/^session=[^;]+; path=\/;.* samesite=lax; httponly$/)])]);
  } finally {
    await under.close();
  }
});
