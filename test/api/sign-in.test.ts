import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ServiceUnderTest, password, startService, variants } from './service-under-test.ts';
import { signedIn, Visitor } from './visitor.ts';

describe.each(variants)('signing in with a catalogue in $catalog, Redis: $redis', (variant) => {
  let under: ServiceUnderTest;
  beforeAll(async () => {
    under = await startService(variant);
  });
  afterAll(async () => {
    await under.close();
  });

  it('takes name and password, in any case of the name, and then knows who it is', async () => {
    const { id, name } = await under.account('operator');
    const visitor = new Visitor(under.url);
    expect((await visitor.get('/api/v1/me')).status).toBe(401);
    const answer = await visitor.signIn(name.toUpperCase());
    expect([answer.status, answer.json]).toMatchObject([200, { account: { id, name, role: 'operator' } }]);
    expect((await visitor.get('/api/v1/me')).json).toMatchObject({ role: 'operator', account: { id } });
  });

  it('says the same of a wrong password and of a name that does not exist', async () => {
    const { name } = await under.account('viewer');
    const answers = [await new Visitor(under.url).signIn(name, 'not the password'), await new Visitor(under.url).signIn('nobody', 'not the password')];
    const shown = answers.map(({ status, json }) => ({ status, ...json, error_id: '' }));
    expect(shown[0]).toMatchObject({ status: 401, error_code: 'SIGN_IN_REFUSED', category: 'authentication' });
    expect(shown[1]).toEqual(shown[0]);
  });

  it('begins a new session at each sign-in: a session planted by somebody else is not the one that is signed in', async () => {
    const { name } = await under.account('viewer');
    const attacker = await signedIn(under, 'viewer');
    const planted = attacker.cookies.get('session') ?? '';
    const victim = new Visitor(under.url);
    victim.cookies.set('session', planted);
    await victim.change('POST', '/api/v1/sign-in', { name, password });
    expect(victim.cookies.get('session')).not.toBe(planted);
    expect((await victim.get('/api/v1/me')).json).toMatchObject({ account: { name } });
    expect((await attacker.get('/api/v1/me')).status).toBe(401);
  });

  it('ends a session for good at sign-out', async () => {
    const visitor = await signedIn(under, 'viewer');
    const cookie = visitor.cookies.get('session') ?? '';
    expect((await visitor.change('POST', '/api/v1/sign-out')).status).toBe(204);
    expect(visitor.cookies.has('session')).toBe(false);
    visitor.cookies.set('session', cookie);
    expect((await visitor.get('/api/v1/me')).status).toBe(401);
  });

  it('lets somebody change the password, which ends all other sessions', async () => {
    const visitor = await signedIn(under, 'viewer');
    const elsewhere = new Visitor(under.url);
    await elsewhere.signIn(visitor.account.name);
    const next = 'another long evening';
    const wrong = await visitor.change('PUT', '/api/v1/me/password', { current: 'wrong', next });
    expect([wrong.status, wrong.json]).toMatchObject([403, { error_code: 'PASSWORD_WRONG', data: { field: 'current' } }]);
    expect((await visitor.change('PUT', '/api/v1/me/password', { current: password, next: 'short' })).json).toMatchObject({ error_code: 'PASSWORD_TOO_SHORT' });
    expect((await visitor.change('PUT', '/api/v1/me/password', { current: password, next })).status).toBe(204);
    expect((await visitor.get('/api/v1/me')).status).toBe(200);
    expect((await elsewhere.get('/api/v1/me')).status).toBe(401);
    expect((await new Visitor(under.url).signIn(visitor.account.name, next)).status).toBe(200);
  });

  it('ends the sessions of an account that an administrator disables or gives another role', async () => {
    const admin = await signedIn(under, 'admin');
    const changes: { readonly change: Record<string, unknown>; readonly signsIn: number }[] = [
      { change: { role: 'operator' }, signsIn: 200 },
      { change: { disabled: true }, signsIn: 401 },
    ];
    for (const { change, signsIn } of changes) {
      const visitor = await signedIn(under, 'viewer');
      expect((await admin.change('PATCH', `/api/v1/accounts/${visitor.account.id}`, change)).status).toBe(200);
      expect((await visitor.get('/api/v1/me')).status).toBe(401);
      expect((await visitor.signIn(visitor.account.name)).status).toBe(signsIn);
    }
  });

  it('writes down who signed in and who was refused, and no password', async () => {
    const admin = await signedIn(under, 'admin');
    await new Visitor(under.url).signIn(admin.account.name, 'secret-that-was-tried');
    await new Visitor(under.url).signIn('secret-typed-as-name', 'secret-that-was-tried');
    const audit = (await admin.get('/api/v1/audit?action=session.begin&limit=3')).json;
    expect(audit?.['items']).toMatchObject([
      { actor: { name: 'unknown' }, object: 'account:unknown', outcome: 'refused', details: { error: 'SIGN_IN_REFUSED' } },
      { actor: { name: admin.account.name }, outcome: 'refused' },
      { actor: { id: admin.account.id }, outcome: 'done', address: '127.0.0.1' },
    ]);
    expect(JSON.stringify(audit)).not.toContain('secret-');
    expect(under.logged.join('')).not.toContain('secret-');
  });

  // Last: it makes the service wary of this address.
  it('slows down guessing, whatever the password, and says for how long', async () => {
    const { name } = await under.account('viewer');
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 8; attempt += 1) statuses.push((await new Visitor(under.url).signIn(name, `guess ${attempt}`)).status);
    expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
    expect(statuses).toContain(429);
    const answer = await new Visitor(under.url).signIn(name);
    expect([answer.status, answer.json]).toMatchObject([429, { error_code: 'SIGN_IN_TOO_OFTEN', category: 'rate_limit' }]);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});
