import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { contractErrors } from '../../../src/operations/business-errors/contract-errors.ts';
import { notificationErrors } from '../../../src/operations/business-errors/notification-errors.ts';
import { defineErrorFamily } from '../../../src/operations/errors.ts';
import { httpErrors } from '../../../src/operations/http/http-errors.ts';
import { type ServiceUnderTest, startServiceUnderTest } from './service-under-test.ts';

const uuid = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/;
const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8';
const secret = 'postgres://app:hunter2@db.internal/shop';

const markupErrors = defineErrorFamily({
  NAME_TAKEN: { category: 'business_logic', status: 409, retryable: false, message: { en: '{name} is taken', zh: '{name} 已被占用' }, hint: { en: 'Choose another.', zh: '请另选。' } },
});

let service: ServiceUnderTest;

beforeAll(async () => {
  service = await startServiceUnderTest({
    routes: (router) => {
      router.get('/contracts/:id', (ctx) => {
        throw contractErrors.CONTRACT_EXPIRED({ contract: String(ctx['params'].id), end: '2026-01-31' }, { data: { field: 'end' } });
      });
      router.get('/crash', () => {
        throw new TypeError(`cannot read ${secret}`, { cause: new Error('inner detail') });
      });
      router.get('/string', () => {
        // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error
        throw 'a word';
      });
      router.get('/upstream', () => {
        throw Object.assign(new Error('upstream said no'), { status: 404 });
      });
      router.get('/thrown/:status', (ctx) => ctx.throw(Number(ctx['params'].status), 'words of the library'));
      router.get('/bare/:status', (ctx) => {
        ctx.status = Number(ctx['params'].status);
      });
      router.get('/down', () => {
        throw notificationErrors.NOTIFICATION_CHANNEL_DOWN({ channel: 'sms' });
      });
      router.get('/forbidden', () => {
        throw httpErrors.ACCESS_DENIED({});
      });
      router.get('/half-described', (ctx) => {
        ctx.set({ ETag: '"1"', 'Content-Disposition': 'attachment', 'Cache-Control': 'public, max-age=60', 'Last-Modified': 'Wed, 01 Jan 2025 00:00:00 GMT' });
        ctx.body = Buffer.alloc(10);
        throw httpErrors.ACCESS_DENIED({});
      });
      router.get('/markup', () => {
        throw markupErrors.NAME_TAKEN({ name: '<script>alert(1)</script>' });
      });
      router.get('/unwritable', () => {
        throw contractErrors.CONTRACT_NOT_FOUND({ contract: '1' }, { data: { count: 1n } });
      });
      router.post('/contracts/:id', (ctx) => {
        ctx.body = {};
      });
    },
  });
});

beforeEach(() => {
  service.lines.length = 0;
  service.reports.length = 0;
});

afterAll(() => service.close());

describe('the JSON of an error', () => {
  it('has exactly the agreed members, with the values of its texts and its data', async () => {
    const { status, headers, body } = await service.json('/contracts/7');
    expect(status).toBe(409);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(body).toEqual({
      success: false,
      error_id: expect.stringMatching(uuid),
      error_code: 'CONTRACT_EXPIRED',
      message: 'Contract 7 ended on 2026-01-31',
      data: { contract: '7', end: '2026-01-31', field: 'end' },
      category: 'business_logic',
    });
  });

  it('says nothing of the inside when nobody foresaw the error', async () => {
    const answer = await fetch(`${service.url}/crash`);
    const text = await answer.text();
    expect(answer.status).toBe(500);
    expect(JSON.parse(text)).toMatchObject({ error_code: 'INTERNAL_ERROR', data: {}, category: 'internal', message: 'Something went wrong on our side' });
    expect(text).not.toMatch(/hunter2|TypeError|inner|node_modules|\.ts/);
  });
});

describe('what an error is answered as', () => {
  it.each([
    [undefined, 'application/json'],
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['application/json, text/plain, */*', 'application/json'],
    ['application/*', 'application/json'],
    ['application/problem+json', 'application/problem+json'],
    ['application/problem+json, application/json', 'application/problem+json'],
    ['application/json, application/problem+json;q=0.9', 'application/json'],
    [browser, 'text/html'],
    ['text/*', 'text/html'],
    ['text/html;q=0.1, application/json;q=0.9', 'application/json'],
    ['image/png', 'application/json'],
    ['text/html;q=0', 'application/json'],
    ['garbage', 'application/json'],
    [';;;,,,///', 'application/json'],
    ['text/html;q=banana', 'application/json'],
    [`"${','.repeat(8000)}`, 'application/json'],
    [`text/html,${'a/b,'.repeat(2000)}`, 'application/json'],
  ])('for %j it is %s', async (accept, type) => {
    const answer = await answerTo('/contracts/7', accept === undefined ? {} : { accept });
    expect(answer.status).toBe(409);
    expect(answer.headers['content-type']).toBe(`${type}; charset=utf-8`);
    expect(answer.headers.vary).toBe('Accept, Accept-Language');
  });

  it('is a problem document of RFC 9457 on request, with the hint and the catalogue’s address', async () => {
    const { body } = await service.json('/contracts/7', { headers: { accept: 'application/problem+json' } });
    expect(body).toEqual({
      type: '/errors#CONTRACT_EXPIRED',
      title: 'Conflict',
      status: 409,
      detail: 'Contract 7 ended on 2026-01-31',
      instance: `urn:uuid:${String(body['error_id'])}`,
      error_id: expect.stringMatching(uuid),
      error_code: 'CONTRACT_EXPIRED',
      category: 'business_logic',
      hint: 'Renew it, or draw up a new contract.',
      data: { contract: '7', end: '2026-01-31', field: 'end' },
    });
  });

  it.each([
    ['/forbidden', 403, 'Access denied', 'You may not do this'],
    ['/nowhere', 404, 'Not found', 'There is nothing at this address'],
    ['/crash', 500, 'Internal error', 'Something went wrong on our side'],
    ['/down', 503, 'Not available', 'The channel sms does not take messages'],
  ])('is a page for people: %s', async (path, status, title, message) => {
    const answer = await fetch(`${service.url}${path}`, { headers: { accept: browser } });
    const page = await answer.text();
    expect(answer.status).toBe(status);
    expect(page).toContain(`<h1>${title}</h1>`);
    expect(page).toContain(message);
    expect(page).not.toMatch(/hunter2|TypeError|<script/);
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+';/);
  });

  it('escapes what a page shows', async () => {
    const page = await (await fetch(`${service.url}/markup`, { headers: { accept: 'text/html' } })).text();
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt; is taken');
    expect(page).not.toContain('<script>');
  });

  it.each([
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh', '合同 7 已于 2026-01-31 到期'],
    ['en-GB', 'en', 'Contract 7 ended on 2026-01-31'],
    ['de, fr;q=0.5', 'en', 'Contract 7 ended on 2026-01-31'],
  ])('is in the reader’s language: %s', async (acceptLanguage, language, message) => {
    const { headers, body } = await service.json('/contracts/7', { headers: { 'accept-language': acceptLanguage } });
    expect(body['message']).toBe(message);
    expect(headers.get('content-language')).toBe(language);
    const page = await (await fetch(`${service.url}/contracts/7`, { headers: { accept: 'text/html', 'accept-language': acceptLanguage } })).text();
    expect(page).toContain(`<html lang="${language}">`);
    expect(page).toContain(message);
  });

  it('has no body for HEAD, but the same status and length', async () => {
    const head = await fetch(`${service.url}/contracts/7`, { method: 'HEAD' });
    const get = await fetch(`${service.url}/contracts/7`);
    expect(head.status).toBe(409);
    expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'));
    expect(await head.text()).toBe('');
  });
});

describe('the headers of an error', () => {
  it('keep what was set before, without what described the body that is not sent', async () => {
    const { headers } = await service.json('/half-described');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('x-request-id')).toMatch(uuid);
    expect(headers.get('cache-control')).toBe('no-store');
    for (const name of ['etag', 'content-disposition', 'last-modified']) expect([name, headers.get(name)]).toEqual([name, null]);
  });

  it('say when to come back where the trouble passes', async () => {
    const { status, headers } = await service.json('/down');
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('5');
  });

  it('ask for a token where nobody is signed in', async () => {
    expect((await service.json('/thrown/401')).headers.get('www-authenticate')).toBe('Bearer');
  });
});

describe('errors of others', () => {
  it.each([
    [400, 'REQUEST_MALFORMED'],
    [401, 'SIGN_IN_REQUIRED'],
    [403, 'ACCESS_DENIED'],
    [404, 'ROUTE_NOT_FOUND'],
    [409, 'REQUEST_CONFLICT'],
    [418, 'REQUEST_MALFORMED'],
    [500, 'INTERNAL_ERROR'],
    [502, 'INTERNAL_ERROR'],
  ])('that koa threw with status %i become %s and show no words of a library', async (status, code) => {
    const { body } = await service.json(`/thrown/${status}`);
    expect(body['error_code']).toBe(code);
    expect(JSON.stringify(body)).not.toContain('words of the library');
  });

  it.each([
    [403, 'ACCESS_DENIED'],
    [404, 'ROUTE_NOT_FOUND'],
    [503, 'SERVICE_UNAVAILABLE'],
  ])('that a handler set as the bare status %i become %s', async (status, code) => {
    const answer = await service.json(`/bare/${status}`);
    expect(answer).toMatchObject({ status, body: { success: false, error_code: code } });
  });

  it('that carry an upstream’s status are ours, not the caller’s', async () => {
    expect((await service.json('/upstream')).body['error_code']).toBe('INTERNAL_ERROR');
    expect(service.reports).toHaveLength(1);
  });

  it('that are no errors at all are answered and logged all the same', async () => {
    expect((await service.json('/string')).body['error_code']).toBe('INTERNAL_ERROR');
    expect(JSON.stringify(await service.line('unexpected failure'))).toContain('a word');
  });

  it('whose data cannot be written are answered as unexpected', async () => {
    expect((await service.json('/unwritable')).body['error_code']).toBe('INTERNAL_ERROR');
  });
});

describe('the record of an error', () => {
  it('has the answer’s error_id in the log line and the report, and the whole stack with causes in the line', async () => {
    const { body } = await service.json('/crash');
    const line = await service.line('unexpected failure');
    const { err } = line as unknown as { err: { stack: string } };
    expect(line).toMatchObject({ level: 'error', error_id: body['error_id'], error_code: 'INTERNAL_ERROR', request_id: expect.stringMatching(uuid) });
    expect(err.stack).toMatch(/TypeError[^]*error-answers\.unit\.test\.ts[^]*inner detail/);
    expect(service.reports).toHaveLength(1);
    expect(service.reports[0]?.thrown).toBeInstanceOf(TypeError);
    expect(service.reports[0]?.context).toMatchObject({ errorId: body['error_id'], tags: { error_code: 'INTERNAL_ERROR', category: 'internal' } });
    expect(service.reports[0]?.context.ctx?.state.routePath).toBe('/crash');
  });

  it.each([
    ['/contracts/7', 'info', 'request refused'],
    ['/nowhere', 'info', 'request refused'],
    ['/forbidden', 'warn', 'request refused'],
    ['/down', 'warn', 'foreseen failure'],
  ])('of what was foreseen (%s) is a line at %s and no report', async (path, level, message) => {
    const { body } = await service.json(path);
    expect(await service.line(message)).toMatchObject({ level, error_id: body['error_id'], error_code: body['error_code'] });
    expect(service.reports).toEqual([]);
  });

  it('does not hang on the tracker: one that throws is logged, and the answer goes out', async () => {
    const broken = await startServiceUnderTest({
      routes: (router) => {
        router.get('/', () => {
          throw new Error('first');
        });
      },
      report: () => {
        throw new Error('tracker is broken');
      },
    });
    expect((await broken.json('/')).body['error_code']).toBe('INTERNAL_ERROR');
    expect(await broken.line('report failed')).toMatchObject({ level: 'error' });
    await broken.close();
  });
});

describe('routes that are not there', () => {
  it('405 says which methods the address takes', async () => {
    const { status, headers, body } = await service.json('/contracts/7', { method: 'DELETE' });
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe('GET, HEAD, OPTIONS, POST');
    expect(body).toMatchObject({ error_code: 'METHOD_NOT_ALLOWED', data: { allowed: 'GET, HEAD, OPTIONS, POST' } });
  });

  it('OPTIONS is answered with the methods and no body', async () => {
    const answer = await fetch(`${service.url}/contracts/7`, { method: 'OPTIONS' });
    expect([answer.status, answer.headers.get('allow'), await answer.text()]).toEqual([204, 'GET, HEAD, OPTIONS, POST', '']);
  });

  it.each(['PURGE', 'PROPFIND', 'TRACE'])('%s, which no route knows, is 501', async (method) => {
    const answer = await answerTo('/contracts/7', {}, method);
    expect(answer.status).toBe(501);
    expect(answer.body).toContain('METHOD_NOT_IMPLEMENTED');
  });

  it.each(['/nowhere', '/contracts', '/%00', '/%E0%A4%A', '/..%2f..%2fetc%2fpasswd', '//', '/contracts/7/../../x'])('%s is 404', async (path) => {
    const answer = await answerTo(path, {});
    expect([answer.status, answer.body.includes('ROUTE_NOT_FOUND')]).toEqual([404, true]);
  });
});

function answerTo(path: string, headers: Record<string, string>, method = 'GET'): Promise<{ status: number | undefined; headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ port: service.port, host: '127.0.0.1', path, method, headers }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body }));
    });
    sent.on('error', reject).end();
  });
}
