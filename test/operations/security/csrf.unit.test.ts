import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readBody } from '../../../src/operations/http/body.ts';
import type { ServiceMiddleware } from '../../../src/operations/http/service.ts';
import { cookiesOf } from '../../../src/operations/security/cookies.ts';
import { createCsrf } from '../../../src/operations/security/csrf.ts';
import { send } from './http-client.ts';
import { hardeningFor, overTls, type RunningService, startHardened } from './hardened-service.ts';

const trustedOrigins = ['https://admin.example.com'];
const hardening = hardeningFor('production', { trustedOrigins });

/** `Authorization` stands for an API token that was shown; every session but `over` lives. `/token` gives a form's token. */
const authentication: ServiceMiddleware = (ctx, next) => {
  const [session, hasToken] = [ctx.cookies.get('__Host-session') ?? 'over', ctx.get('Authorization') !== ''];
  if (hasToken || session !== 'over') ctx.state.principal = { id: '1', name: 'ci', role: 'operator', via: hasToken ? 'token' : 'session' };
  return next();
};

async function startProtected(secretKeys = hardening.secretKeys): Promise<RunningService> {
  const csrf = createCsrf({ secretKeys, cookies: cookiesOf(hardening), trustedOrigins });
  return startHardened(hardening, readBody(), authentication, csrf.protect, (ctx) => {
    ctx.body = ctx.path === '/token' ? { token: csrf.token(ctx), again: csrf.token(ctx) } : { done: true };
  });
}

/** What a browser with this session holds after it loaded a page: its cookies and the form's token. */
async function loadPage({ url }: RunningService, session?: string): Promise<{ cookie: string; token: string; again: string }> {
  const sessionCookie = session === undefined ? [] : [`__Host-session=${session}`];
  const { headers, body } = await send(url, { path: '/token', headers: { ...overTls, Cookie: sessionCookie.join('; ') } });
  const csrfCookies = (headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0]);
  return { ...(JSON.parse(body) as { token: string; again: string }), cookie: [...sessionCookie, ...csrfCookies].join('; ') };
}

const own = { ...overTls, Origin: 'https://backups.example.com', 'Sec-Fetch-Site': 'same-origin' };

describe('csrf', () => {
  let service: RunningService;
  beforeAll(async () => { service = await startProtected(); });
  afterAll(async () => service.close());

  async function post(headers: Record<string, string>, body?: string): Promise<string | number> {
    const answer = await send(service.url, { method: 'POST', headers: { ...overTls, ...headers }, ...(body === undefined ? {} : { body }) });
    return answer.status === 200 ? 200 : (JSON.parse(answer.body) as { error_code: string }).error_code;
  }

  it('lets a form of an own page through, by field or by header', async () => {
    const { cookie, token } = await loadPage(service, 'abc');
    expect(await post({ ...own, Cookie: cookie, 'X-CSRF-Token': token })).toBe(200);
    const form = new URLSearchParams({ name: 'x', _csrf: token }).toString();
    expect(await post({ ...own, Cookie: cookie, 'Content-Type': 'application/x-www-form-urlencoded' }, form)).toBe(200);
    expect(await post({ ...own, Cookie: cookie, 'Content-Type': 'application/json' }, JSON.stringify({ _csrf: token }))).toBe(200);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('asks %s by cookie for a token', async (method) => {
    const answer = await send(service.url, { method, headers: { ...own, Cookie: '__Host-session=abc' } });
    expect(answer).toMatchObject({ status: 403, body: expect.stringContaining('CSRF_TOKEN_REFUSED') });
  });

  it.each(['GET', 'HEAD', 'OPTIONS'])('lets %s through from anywhere', async (method) => {
    const headers = { ...overTls, Cookie: '__Host-session=abc', Origin: 'https://evil.test', 'Sec-Fetch-Site': 'cross-site' };
    expect((await send(service.url, { method, headers })).status).toBe(200);
  });

  it.each([
    ['another site', { Origin: 'https://evil.test', 'Sec-Fetch-Site': 'cross-site' }],
    ['another site, in a browser that tells only the origin', { Origin: 'https://evil.test' }],
    ['a subdomain', { Origin: 'https://x.backups.example.com', 'Sec-Fetch-Site': 'same-site' }],
    ['the same host over plain HTTP', { Origin: 'http://backups.example.com' }],
    ['the same host on another port', { Origin: 'https://backups.example.com:8443' }],
    ['a page without an origin', { Origin: 'null' }],
    ['a page that claims a trusted origin as part of its own', { Origin: 'https://admin.example.com.evil.test' }],
    ['another site by a form without a token, before sign-in', { 'Sec-Fetch-Site': 'cross-site' }],
  ])('refuses what comes from %s, whatever token it has', async (_from, headers) => {
    const { cookie, token } = await loadPage(service, 'abc');
    expect(await post({ ...headers, Cookie: cookie, 'X-CSRF-Token': token })).toBe('CSRF_ORIGIN_REFUSED');
    expect(await post(headers)).toBe('CSRF_ORIGIN_REFUSED');
  });

  it('lets a page of a trusted origin through with a token', async () => {
    const { cookie, token } = await loadPage(service, 'abc');
    const from = { Origin: 'https://admin.example.com', 'Sec-Fetch-Site': 'same-site' };
    expect(await post({ ...from, Cookie: cookie, 'X-CSRF-Token': token })).toBe(200);
    expect(await post({ ...from, Cookie: cookie })).toBe('CSRF_TOKEN_REFUSED');
  });

  it('exempts who shows an API token, and only that', async () => {
    expect(await post({ Authorization: 'Bearer x', Cookie: '__Host-session=abc', Origin: 'https://evil.test' })).toBe(200);
  });

  it('lets a program without cookies through: there is nothing to abuse', async () => {
    expect(await post({})).toBe(200);
  });

  it('protects the sign-in page, where there is no session yet', async () => {
    const { cookie, token } = await loadPage(service);
    expect(await post({ ...own, Cookie: cookie, 'X-CSRF-Token': token })).toBe(200);
    expect(await post({ ...own, Cookie: cookie })).toBe('CSRF_TOKEN_REFUSED');
  });

  it('gives a sign-in page a token that is good when the cookie of a session that is over is gone', async () => {
    const { cookie, token } = await loadPage(service, 'over');
    const left = cookie.replace('__Host-session=over; ', '');
    for (const Cookie of [left, cookie]) expect(await post({ ...own, Cookie, 'X-CSRF-Token': token })).toBe(200);
    expect(await post({ ...own, Cookie: '__Host-session=over' })).toBe('CSRF_TOKEN_REFUSED');
  });

  it('refuses a token of another session, of before the sign-in, or of another browser', async () => {
    const [mine, theirs, anonymous] = [await loadPage(service, 'mine'), await loadPage(service, 'theirs'), await loadPage(service)];
    const signedInSince = `__Host-session=mine; ${anonymous.cookie}`;
    for (const [cookie, token] of [
      [mine.cookie, theirs.token],
      [signedInSince, anonymous.token],
      [anonymous.cookie, mine.token],
      ['__Host-csrf=mine', mine.token],
      ['__Host-csrf=planted', anonymous.token],
      ['__Host-csrf=', anonymous.token],
      [mine.cookie, ''],
      [mine.cookie, '.'],
      [mine.cookie, `${mine.token}x`],
      [mine.cookie, mine.token.split('.').toReversed().join('.')],
    ] as const) {
      expect(await post({ ...own, Cookie: cookie, 'X-CSRF-Token': token })).toBe('CSRF_TOKEN_REFUSED');
    }
  });

  it.each([['a session', 'abc'], ['the one cookie of a browser', undefined]])('gives a different token each time, all good for %s', async (_what, session) => {
    const { cookie, token, again } = await loadPage(service, session);
    expect(again).not.toBe(token);
    const { headers } = await send(service.url, { path: '/token', headers: { ...overTls, Cookie: cookie } });
    expect(headers['set-cookie']).toBeUndefined();
    for (const each of [token, again]) expect(await post({ ...own, Cookie: cookie, 'X-CSRF-Token': each })).toBe(200);
  });

  it('keeps a form of a signed-in tab good when another tab is opened by a link, which brings no Strict cookie', async () => {
    const first = await loadPage(service);
    const { token } = await loadPage(service, 'abc');
    const Cookie = `__Host-session=abc; ${first.cookie}`;
    await send(service.url, { path: '/token', headers: { ...overTls, Cookie: '__Host-session=abc' } });
    expect(await post({ ...own, Cookie, 'X-CSRF-Token': token })).toBe(200);
  });

  it('takes tokens of an older key as long as it is listed', async () => {
    const [older, newer] = [hardening.secretKeys, ['another-k3y-of-the-tests-9876543210-zyxwvutsr']];
    const { cookie, token } = await loadPage(service, 'abc');
    for (const [secretKeys, status] of [[[...newer, ...older], 200], [newer, 403]] as const) {
      const next = await startProtected([...secretKeys]);
      const answer = await send(next.url, { method: 'POST', headers: { ...own, Cookie: cookie, 'X-CSRF-Token': token } });
      await next.close();
      expect(answer.status).toBe(status);
    }
  });
});
