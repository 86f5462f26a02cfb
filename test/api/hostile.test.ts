import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ServiceUnderTest, startService, variants } from './service-under-test.ts';
import { signedIn, Visitor } from './visitor.ts';

/** Values that something somewhere chokes on. */
const strings = [
  '', ' ', '\0', 'a'.repeat(10_000), "'; DROP TABLE account; --", '../../../../etc/passwd', '%2e%2e%2f%2e%2e%2fetc%2fpasswd', '{{7*7}}', '${jndi:ldap://x}',
  '<script>alert(1)</script>', '\u{202e}\u{feff}\u{fffd}', '\ud800', 'null', '-1', '1e309', '__proto__', 'constructor', '00000000-0000-4000-8000-00000000000g',
];
const values: unknown[] = [...strings, null, true, 0, -1, 1.5, 1e21, [], {}, [[[[]]]], { $gt: '' }, { __proto__: null, constructor: { prototype: {} } }, Array.from({ length: 1000 }, () => 'x')];
const fields = ['name', 'password', 'role', 'disabled', 'language', 'scopes', 'expiresInDays', 'current', 'next', 'limit', 'after', 'all'];
/** What a client may be answered: nothing else is listed in docs/api.md. */
const answers = new Set([200, 201, 204, 303, 400, 401, 403, 404, 405, 409, 413, 415, 422, 429]);
const leaks = /node_modules|\.ts:\d+|at async|SQLITE_|syntax error|ECONN|password_?hash|\$argon2/i;

describe.each(variants)('hostile input, with a catalogue in $catalog, Redis: $redis', (variant) => {
  let under: ServiceUnderTest;
  beforeAll(async () => {
    under = await startService(variant, { HOLDFAST_RATE_LIMIT: '1000000' });
  });
  afterAll(async () => {
    await under.close();
  });

  it('is answered by every route with an error of ours, never with a failure, and tells nothing of the inside', async () => {
    const admin = await signedIn(under, 'admin');
    const token = await admin.change('POST', '/api/v1/tokens', { name: 'fuzz', scopes: ['accounts:read', 'accounts:write', 'tokens:read', 'tokens:write', 'audit:read', 'profile:read', 'profile:write'] });
    const headers = { authorization: `Bearer ${String(token.json?.['secret'])}` };
    const program = new Visitor(under.url);
    const wrong: string[] = [];
    const send = async (method: string, path: string, more: Parameters<Visitor['request']>[2] = {}): Promise<void> => {
      const answer = await program.request(method, path, { ...more, headers: { ...headers, ...more.headers } });
      const isListed = answers.has(answer.status) || (answer.status === 503 && /PASSWORD_CHECKS_BUSY/.test(answer.text));
      if (!isListed || leaks.test(answer.text)) wrong.push(`${method} ${path.slice(0, 100)} ${JSON.stringify(more.json)?.slice(0, 100)}: ${answer.status} ${answer.text.slice(0, 200)}`);
    };
    const routes = under.service.app.routes().filter(({ path }) => path !== '/api/v1/sign-out' && path !== '/sign-out');
    // All values on one variant, a sample on the others: what differs between them is behind the same schemas.
    const step = variant === variants[0] ? 1 : 7;
    let sent = 0;
    for (const { method, path } of routes) {
      for (let index = 0; index < values.length; index += step) {
        const value = values[index];
        const text = encodeURIComponent(typeof value === 'string' ? value.toWellFormed() : JSON.stringify(value));
        const field = fields[index % fields.length] ?? '';
        await send(method, `${path.replace(':id', text.slice(0, 2000))}?${field}=${text.slice(0, 3000)}&limit=${text.slice(0, 100)}`);
        sent += 1;
        if (method === 'GET' || method === 'HEAD') continue;
        const real = path.replace(':id', admin.account.id.replace(/.$/, '0'));
        await send(method, real, { json: Object.fromEntries(fields.map((name) => [name, value])) });
        await send(method, real, { json: { [field]: value } });
        sent += 2;
      }
    }
    expect(wrong).toEqual([]);
    expect(sent).toBeGreaterThan(500 / step);
    expect(under.logged.filter((line) => line.includes('unexpected failure'))).toEqual([]);
  });

  it('is refused where the body is no JSON, of another type, too large, or ends too early', async () => {
    const admin = await signedIn(under, 'admin');
    const me = await admin.get('/api/v1/me');
    const headers = { 'x-csrf-token': String(me.json?.['csrfToken']), cookie: [...admin.cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
    const post = async (contentType: string, body: string | Buffer) => {
      const response = await fetch(`${under.url}/api/v1/accounts`, { method: 'POST', headers: { ...headers, 'content-type': contentType }, body: typeof body === 'string' ? body : new Uint8Array(body) });
      return [response.status, ((await response.json()) as { error_code: string }).error_code];
    };
    expect(await post('application/json', '{"name":')).toEqual([400, 'BODY_INVALID']);
    expect(await post('application/json', `{"name":"${'x'.repeat(200_000)}"}`)).toEqual([413, 'BODY_TOO_LARGE']);
    expect(await post('application/json', '['.repeat(50_000))).toEqual([400, 'BODY_INVALID']);
    expect(await post('application/xml', '<name/>')).toEqual([415, 'BODY_TYPE_UNSUPPORTED']);
    expect(await post('application/json', Buffer.from([0xff, 0xfe, 0x00]))).toEqual([400, 'BODY_INVALID']);
    const cut = request(`${under.url}/api/v1/accounts`, { method: 'POST', headers: { ...headers, 'content-type': 'application/json', 'content-length': '100' } });
    cut.on('error', () => undefined);
    cut.write('{"na');
    await new Promise((resolve) => setTimeout(resolve, 50));
    cut.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(under.logged.filter((line) => line.includes('unexpected failure'))).toEqual([]);
  });

  it('cannot come from another site by way of a browser that is signed in', async () => {
    const admin = await signedIn(under, 'admin');
    const me = await admin.get('/api/v1/me');
    const good = { 'x-csrf-token': String(me.json?.['csrfToken']) };
    const attempt = async (headers: Record<string, string>) => (await admin.request('POST', '/api/v1/sign-out', { headers })).json?.['error_code'];
    expect(await attempt({ ...good, origin: 'https://evil.example' })).toBe('CSRF_ORIGIN_REFUSED');
    expect(await attempt({ ...good, 'sec-fetch-site': 'cross-site' })).toBe('CSRF_ORIGIN_REFUSED');
    expect(await attempt({ ...good, origin: 'null' })).toBe('CSRF_ORIGIN_REFUSED');
    expect(await attempt({})).toBe('CSRF_TOKEN_REFUSED');
    expect(await attempt({ 'x-csrf-token': `${good['x-csrf-token'].slice(0, -2)}AA` })).toBe('CSRF_TOKEN_REFUSED');
    const other = await signedIn(under, 'admin');
    const theirs = await other.get('/api/v1/me');
    expect(await attempt({ 'x-csrf-token': String(theirs.json?.['csrfToken']) })).toBe('CSRF_TOKEN_REFUSED');
    expect((await admin.get('/api/v1/me')).status).toBe(200);
  });

  it('cannot come under another host, and no header makes it come from elsewhere', async () => {
    const ask = async (headers: Record<string, string>): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        request(`${under.url}/core/health/`, { headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).on('error', reject).end();
      });
    expect(await ask({ host: 'evil.example' })).toBe(400);
    expect(await ask({ host: 'localhost', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', 'x-forwarded-for': '8.8.8.8' })).toBe(200);
    const admin = await signedIn(under, 'admin');
    const { items } = (await admin.get('/api/v1/audit?limit=1')).json as { items: { address: string }[] };
    expect(items[0]?.address).toBe('127.0.0.1');
    expect((await new Visitor(under.url).get('/..%2f..%2f..%2fetc/passwd')).status).toBe(404);
    expect((await new Visitor(under.url).request('PROPFIND', '/')).status).toBe(501);
  });
});

it('stops looking up made-up tokens of an address that brings too many, and still knows those who bring none', async () => {
  const under = await startService(variants[0], { HOLDFAST_RATE_LIMIT: '5' });
  try {
    const flood = await Promise.all(
      Array.from({ length: 400 }, async (_, attempt) => new Visitor(under.url).get('/api/v1/me', { authorization: `Bearer made-up-${attempt}` })),
    );
    expect(new Set(flood.map(({ status }) => status))).toEqual(new Set([401, 429]));
    expect(flood.filter(({ status }) => status === 401).length).toBeGreaterThanOrEqual(100);
    expect((await new Visitor(under.url).get('/errors')).status).toBe(200);
  } finally {
    await under.close();
  }
});
