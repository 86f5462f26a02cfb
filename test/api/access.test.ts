import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { scopes } from '../../src/api/access.ts';
import { roles } from '../../src/operations/http/service.ts';
import { type ServiceUnderTest, startService, variants } from './service-under-test.ts';
import { signedIn, Visitor } from './visitor.ts';

const someId = '00000000-0000-4000-8000-000000000000';

/** Every route that asks who it is, and the least role that passes. */
const routes = [
  { method: 'GET', path: '/api/v1/me', role: 'viewer' },
  { method: 'PUT', path: '/api/v1/me/password', role: 'viewer' },
  { method: 'GET', path: '/api/v1/accounts', role: 'admin' },
  { method: 'POST', path: '/api/v1/accounts', role: 'admin' },
  { method: 'GET', path: `/api/v1/accounts/${someId}`, role: 'admin' },
  { method: 'PATCH', path: `/api/v1/accounts/${someId}`, role: 'admin' },
  { method: 'DELETE', path: `/api/v1/accounts/${someId}`, role: 'admin' },
  { method: 'PUT', path: `/api/v1/accounts/${someId}/password`, role: 'admin' },
  { method: 'GET', path: '/api/v1/tokens', role: 'viewer' },
  { method: 'GET', path: '/api/v1/tokens?all=yes', role: 'admin' },
  { method: 'POST', path: '/api/v1/tokens', role: 'viewer' },
  { method: 'DELETE', path: `/api/v1/tokens/${someId}`, role: 'viewer' },
  { method: 'GET', path: '/api/v1/audit', role: 'admin' },
] as const;

describe.each(variants)('who may do what, with a catalogue in $catalog, Redis: $redis', (variant) => {
  let under: ServiceUnderTest;
  beforeAll(async () => {
    under = await startService(variant);
  });
  afterAll(async () => {
    await under.close();
  });

  it('asks everybody who comes to a resource of the API to sign in', async () => {
    for (const { method, path } of routes) {
      const answer = await new Visitor(under.url).request(method, path);
      expect([path, answer.status, answer.json?.['error_code']]).toEqual([path, 401, 'SIGN_IN_REQUIRED']);
    }
    const listed = under.service.app.routes().filter(({ path }) => path.startsWith('/api/') && !/sign-(in|out)$/.test(path));
    const tested = new Set(routes.map(({ method, path }) => `${method} ${path.replace(someId, ':id').replace(/\?.*/, '')}`));
    expect(listed.filter(({ method }) => method !== 'HEAD').map(({ method, path }) => `${method} ${path}`).filter((route) => !tested.has(route))).toEqual([]);
  });

  it('lets each role do what it may, and no more', async () => {
    for (const role of roles) {
      const visitor = await signedIn(under, role);
      for (const route of routes) {
        const { status } = await visitor.change(route.method, route.path, route.method === 'GET' ? undefined : {});
        const mayPass = roles.indexOf(role) >= roles.indexOf(route.role);
        expect([role, route.method, route.path, status === 403 ? 'denied' : 'passed']).toEqual([role, route.method, route.path, mayPass ? 'passed' : 'denied']);
      }
    }
  });

  it('gives tokens that do what their scopes say, until they are revoked', async () => {
    const admin = await signedIn(under, 'admin');
    const made = await admin.change('POST', '/api/v1/tokens', { name: 'reader', scopes: ['accounts:read'] });
    expect([made.status, made.json]).toMatchObject([201, { name: 'reader', role: 'admin', scopes: ['accounts:read'], secret: expect.stringMatching(/^hft_/) }]);
    const headers = { authorization: `Bearer ${String(made.json?.['secret'])}` };
    const program = new Visitor(under.url);
    expect((await program.get('/api/v1/accounts', headers)).status).toBe(200);
    expect((await program.get('/api/v1/audit', headers)).json).toMatchObject({ error_code: 'ACCESS_DENIED' });
    expect((await program.request('POST', '/api/v1/accounts', { headers, json: {} })).status).toBe(403);
    expect((await admin.get('/api/v1/tokens')).text).not.toContain(String(made.json?.['secret']));
    expect((await admin.change('DELETE', `/api/v1/tokens/${String(made.json?.['id'])}`)).status).toBe(204);
    const refused = await program.get('/api/v1/accounts', headers);
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"']);
  });

  it('lets no token make another, nor take a session along', async () => {
    const viewer = await signedIn(under, 'viewer');
    const made = await viewer.change('POST', '/api/v1/tokens', { name: 'all', scopes });
    const headers = { authorization: `Bearer ${String(made.json?.['secret'])}` };
    const program = new Visitor(under.url);
    expect((await program.request('POST', '/api/v1/tokens', { headers, json: { name: 'more', scopes } })).status).toBe(403);
    expect((await viewer.change('POST', '/api/v1/tokens', { name: 'higher', scopes, role: 'admin' })).status).toBe(403);
    // A wrong token with a good session is a wrong token.
    expect((await viewer.get('/api/v1/me', { authorization: 'Bearer hft_wrong' })).status).toBe(401);
  });

  it('lets nobody touch the tokens of others but an administrator', async () => {
    const [viewer, other, admin] = [await signedIn(under, 'viewer'), await signedIn(under, 'viewer'), await signedIn(under, 'admin')];
    const made = await viewer.change('POST', '/api/v1/tokens', { name: 'mine', scopes: ['profile:read'] });
    const path = `/api/v1/tokens/${String(made.json?.['id'])}`;
    expect((await other.change('DELETE', path)).json).toMatchObject({ error_code: 'TOKEN_UNKNOWN' });
    expect((await other.get('/api/v1/tokens')).json).toEqual({ items: [] });
    expect((await admin.change('DELETE', path)).status).toBe(204);
  });

  it('makes, shows, changes and deletes accounts, keeps the last administrator, and writes all of it down', async () => {
    const admin = await signedIn(under, 'admin');
    const made = await admin.change('POST', '/api/v1/accounts', { name: 'Ada', password: 'a quiet long morning', role: 'operator', language: 'zh' });
    expect([made.status, made.json]).toMatchObject([201, { name: 'Ada', role: 'operator', language: 'zh', disabled: false }]);
    const path = made.headers.get('location') ?? '';
    expect((await admin.get(path)).json).toMatchObject({ name: 'Ada' });
    expect((await admin.change('POST', '/api/v1/accounts', { name: 'ADA', password: 'a quiet long morning' })).json).toMatchObject({ error_code: 'ACCOUNT_NAME_TAKEN' });
    expect((await admin.change('PUT', `${path}/password`, { password: 'a loud long morning' })).status).toBe(204);
    expect((await new Visitor(under.url).signIn('ada', 'a loud long morning')).status).toBe(200);
    expect((await admin.change('DELETE', path)).status).toBe(204);
    expect((await admin.get(path)).json).toMatchObject({ error_code: 'ACCOUNT_UNKNOWN' });
    const all = (await admin.get('/api/v1/accounts?limit=200')).json?.['items'] as { id: string; role: string; name: string }[];
    for (const { id } of all.filter(({ role, name }) => role === 'admin' && name !== admin.account.name)) await admin.change('PATCH', `/api/v1/accounts/${id}`, { role: 'viewer' });
    expect((await admin.change('PATCH', `/api/v1/accounts/${admin.account.id}`, { disabled: true })).json).toMatchObject({ error_code: 'ACCOUNT_LAST_ADMIN', category: 'safety' });
    const { items } = (await admin.get('/api/v1/audit?limit=200')).json as { items: { action: string; outcome: string }[] };
    const actions = new Set(items.map(({ action, outcome }) => `${action} ${outcome}`));
    for (const expected of ['account.create done', 'account.create refused', 'account.password done', 'account.delete done', 'account.change refused', 'token.revoke done']) expect([...actions]).toContain(expected);
  });

  it('gives lists page by page', async () => {
    const admin = await signedIn(under, 'admin');
    const seen: string[] = [];
    let after: unknown;
    do {
      const page = (await admin.get(`/api/v1/accounts?limit=3${typeof after === 'string' ? `&after=${after}` : ''}`)).json;
      seen.push(...((page?.['items'] ?? []) as { name: string }[]).map(({ name }) => name));
      after = page?.['next'];
    } while (after !== undefined);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(seen.toSorted());
    expect(seen).toContain(admin.account.name);
  });
});
