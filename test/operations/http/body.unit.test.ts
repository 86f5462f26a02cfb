import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ServiceUnderTest, startServiceUnderTest } from './service-under-test.ts';

const limitBytes = 4096;
let service: ServiceUnderTest;

beforeAll(async () => {
  service = await startServiceUnderTest({
    limitBytes,
    requestTimeoutMs: 400,
    routes: (router) => {
      router.post('/echo', (ctx) => {
        ctx.body = { got: ctx.request.body ?? null };
      });
    },
  });
});

afterAll(() => service.close());

function post(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = { 'content-type': 'application/json' }) {
  return service.json('/echo', { method: 'POST', body, headers });
}

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const gzipped = { 'content-type': 'application/json', 'content-encoding': 'gzip' };

describe('a body that is read', () => {
  it.each([
    ['JSON', '{"a":[1,"二"]}', { 'content-type': 'application/json' }, { a: [1, '二'] }],
    ['JSON with its character set', '{"a":1}', { 'content-type': 'application/json; charset=UTF-8' }, { a: 1 }],
    ['a form', 'name=%E5%BA%97&size=2', form, { name: '店', size: '2' }],
  ])('may be %s', async (_what, body, headers, got) => {
    expect(await post(body, headers)).toMatchObject({ status: 200, body: { got } });
  });

  it('may be compressed', async () => {
    expect(await post(new Uint8Array(gzipSync('{"a":1}')), gzipped)).toMatchObject({ status: 200, body: { got: { a: 1 } } });
  });

  it('may be missing', async () => {
    expect(await service.json('/echo', { method: 'POST' })).toMatchObject({ status: 200, body: { got: null } });
  });
});

describe('a body that is refused', () => {
  it.each([
    ['broken JSON', '{"password":"hunter2",', 400, 'BODY_INVALID'],
    ['a lone value', '"hunter2"', 400, 'BODY_INVALID'],
    ['a prototype', '{"__proto__":{"admin":true}}', 400, 'BODY_INVALID'],
    ['deep nesting', `${'['.repeat(40)}${']'.repeat(40)}`, 400, 'BODY_INVALID'],
    ['nesting that would overflow a stack', `${'['.repeat(2000)}${']'.repeat(2000)}`, 400, 'BODY_INVALID'],
    ['more than the limit', JSON.stringify('x'.repeat(limitBytes)), 413, 'BODY_TOO_LARGE'],
  ])('%s', async (_what, body, status, code) => {
    const answer = await post(body);
    expect(answer).toMatchObject({ status, body: { error_code: code } });
    expect(JSON.stringify([answer.body, service.lines])).not.toContain('hunter2');
  });

  it.each([
    ['of another type', 'a,b', { 'content-type': 'text/csv' }],
    ['of no type', new TextEncoder().encode('{}'), {}],
    ['in another character set', '{}', { 'content-type': 'application/json; charset=utf-16' }],
    ['in an unknown encoding', '{}', { 'content-type': 'application/json', 'content-encoding': 'zip' }],
    ['of a broken type', '{}', { 'content-type': ';;;' }],
  ])('%s is 415', async (_what, body, headers) => {
    expect(await post(body, headers as Record<string, string>)).toMatchObject({ status: 415, body: { error_code: 'BODY_TYPE_UNSUPPORTED' } });
  });

  it('that unpacks to more than the limit, though it is small', async () => {
    const bomb = new Uint8Array(gzipSync(JSON.stringify({ a: 'x'.repeat(10_000_000) })));
    expect(await post(bomb, gzipped)).toMatchObject({ status: 413, body: { data: { limit: limitBytes } } });
  });

  it('that does not unpack', async () => {
    expect(await post('not gzip at all', gzipped)).toMatchObject({ status: 400, body: { error_code: 'BODY_INVALID' } });
    expect(await post(new Uint8Array(gzipSync('{"a":1}').subarray(0, 12)), gzipped)).toMatchObject({ status: 400 });
  });

  it('that grows without end is cut off at the limit, and the client sees why', async () => {
    const answer = await raw(['POST /echo HTTP/1.1', 'Host: x', 'Content-Type: application/json', 'Transfer-Encoding: chunked'], `1000\r\n${'['.repeat(0x1000)}\r\n`.repeat(3));
    expect(answer).toMatch(/^HTTP\/1.1 413 [^]*Connection: close[^]*BODY_TOO_LARGE/);
  });

  it('whose announced length is too large, before it is sent', async () => {
    const answer = await raw(['POST /echo HTTP/1.1', 'Host: x', 'Content-Type: application/json', 'Content-Length: 99999999999'], '{');
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
  });

  it('that comes too slowly', async () => {
    const started = Date.now();
    const answer = await raw(['POST /echo HTTP/1.1', 'Host: x', 'Content-Type: application/json', 'Content-Length: 100'], '{');
    expect(answer).toMatch(/^HTTP\/1.1 408 [^]*"error_code":"REQUEST_TIMED_OUT"/);
    expect(Date.now() - started).toBeLessThan(3000);
    expect(service.reports).toEqual([]);
  });
});

describe('what never becomes a request', () => {
  it.each([
    ['no request line', 'hello\r\n\r\n', 400, 'REQUEST_MALFORMED'],
    ['a header with a line break in its name', 'GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n', 400, 'REQUEST_MALFORMED'],
    ['two lengths', 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400, 'REQUEST_MALFORMED'],
    ['length and chunks at once', 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400, 'REQUEST_MALFORMED'],
    ['headers that are too large', `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'HEADERS_TOO_LARGE'],
  ])('%s is answered in the same shape', async (_what, text, status, code) => {
    const answer = await raw([], text);
    expect(answer).toMatch(new RegExp(String.raw`^HTTP/1.1 ${status} `));
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({ success: false, error_code: code, category: 'validation' });
  });
});

/** Writes bytes and reads until the server closes the connection. */
function raw(head: readonly string[], body: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(service.port, '127.0.0.1');
    socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
    socket.write(head.length > 0 ? `${head.join('\r\n')}\r\n\r\n${body}` : body);
  });
}
