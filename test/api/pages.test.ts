import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { password, type ServiceUnderTest, startService, variants } from './service-under-test.ts';
import { Visitor } from './visitor.ts';

const forPeople = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const csrfIn = (page: string): string => /name="_csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';

describe('the pages', () => {
  let under: ServiceUnderTest;
  beforeAll(async () => {
    under = await startService(variants[0]);
  });
  afterAll(async () => {
    await under.close();
  });

  it('let somebody sign in and out by forms alone, without scripts', async () => {
    const { name } = await under.account('admin');
    const visitor = new Visitor(under.url);
    const asked = await visitor.get('/', forPeople);
    expect([asked.status, asked.headers.get('location')]).toEqual([303, '/sign-in']);
    const page = await visitor.get('/sign-in', forPeople);
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*form-action 'self'.*frame-ancestors 'none'/);
    const refused = await visitor.request('POST', '/sign-in', { headers: forPeople, form: { name, password: 'wrong wrong', _csrf: csrfIn(page.text) } });
    expect([refused.status, refused.text]).toEqual([401, expect.stringContaining('Name or password is not right')]);
    const done = await visitor.request('POST', '/sign-in', { headers: forPeople, form: { name, password, _csrf: csrfIn(refused.text) } });
    expect([done.status, done.headers.get('location')]).toEqual([303, '/']);
    const home = await visitor.get('/', forPeople);
    expect(home.text).toContain(`Signed in as ${name} (administrator)`);
    expect(home.text).toContain('<code>database</code>');
    const out = await visitor.request('POST', '/sign-out', { form: { _csrf: csrfIn(home.text) } });
    expect([out.status, out.headers.get('location')]).toEqual([303, '/sign-in']);
    expect((await visitor.get('/', forPeople)).status).toBe(303);
  });

  it('speak the language that the browser asks for', async () => {
    const visitor = new Visitor(under.url);
    const page = await visitor.get('/sign-in', { ...forPeople, 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.5' });
    expect([page.headers.get('content-language'), page.text]).toEqual(['zh', expect.stringContaining('<html lang="zh">')]);
    expect(page.text).toContain('登录');
    const missing = await visitor.get('/nothing', { ...forPeople, 'accept-language': 'zh' });
    expect([missing.status, missing.text]).toEqual([404, expect.stringContaining('此地址没有内容')]);
  });

  it('take no form that another site sent', async () => {
    const { name } = await under.account('viewer');
    const visitor = new Visitor(under.url);
    await visitor.get('/sign-in', forPeople);
    const answer = await visitor.request('POST', '/sign-in', { headers: { ...forPeople, origin: 'https://evil.example' }, form: { name, password } });
    expect([answer.status, answer.headers.get('content-type'), answer.text]).toEqual([403, 'text/html; charset=utf-8', expect.stringContaining('403')]);
  });

  it('show what a name holds as text', async () => {
    const visitor = new Visitor(under.url);
    const page = await visitor.get('/sign-in', forPeople);
    const answer = await visitor.request('POST', '/sign-in', { headers: forPeople, form: { name: '"><script>alert(1)</script>', password: 'x', _csrf: csrfIn(page.text) } });
    expect(answer.text).not.toContain('<script>alert');
    expect(answer.text).toContain('&lt;script&gt;');
  });
});
