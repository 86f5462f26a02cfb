import { createReadStream } from 'node:fs';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ServiceUnderTest, startServiceUnderTest } from './service-under-test.ts';

let service: ServiceUnderTest;
let released: () => void;

beforeAll(async () => {
  service = await startServiceUnderTest({
    routes: (router) => {
      router.get('/stream', (ctx) => {
        ctx.type = 'text/plain';
        ctx.body = Readable.from(failingHalfWay());
      });
      router.get('/written', (ctx) => {
        ctx.respond = false;
        ctx.res.writeHead(200, { 'Content-Length': '100' });
        ctx.res.write('the first half');
        throw new Error('after the headers');
      });
      router.get('/circular', (ctx) => {
        const body: Record<string, unknown> = {};
        body['self'] = body;
        ctx.body = body;
      });
      router.get('/file', (ctx) => {
        ctx.type = 'text/plain';
        ctx.body = createReadStream(String(ctx.query['path']));
      });
      router.get('/slow', async (ctx) => {
        await new Promise<void>((resolve) => {
          released = resolve;
        });
        ctx.body = 'too late';
      });
      router.get('/slow-crash', async () => {
        await sleep(150);
        throw new Error('a mistake, whoever is still there');
      });
      router.get('/endless', (ctx) => {
        ctx.body = Readable.from(endless());
      });
      router.post('/body', (ctx) => {
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

describe('an error after the headers were sent', () => {
  it.each(['/stream', '/written'])('cuts the connection, so that nobody takes half for the whole, and is recorded once: %s', async (path) => {
    const answer = await fetch(`${service.url}${path}`);
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow('terminated');
    expect(await service.line('unexpected failure')).toMatchObject({ level: 'error', error_code: 'INTERNAL_ERROR' });
    expect(await service.line('request')).toMatchObject({ aborted: true });
    await sleep(50);
    expect(service.lines.filter(({ msg }) => msg === 'unexpected failure')).toHaveLength(1);
    expect(service.reports).toHaveLength(1);
  });

  it('does not harm the next request', async () => {
    await fetch(`${service.url}/stream`).then((answer) => answer.text()).catch(() => undefined);
    expect((await service.json('/nowhere')).status).toBe(404);
  });
});

it('a body that cannot be made JSON is answered as an error, with the headers that were set', async () => {
  const { status, headers, body } = await service.json('/circular');
  expect(status).toBe(500);
  expect(body).toMatchObject({ error_code: 'INTERNAL_ERROR', success: false });
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(service.reports).toHaveLength(1);
});

describe('a file as the answer', () => {
  it('that cannot be opened is an error like any other, without its path', async () => {
    const { status, headers, body } = await service.json('/file?path=/nowhere/at-all');
    expect([status, body['error_code']]).toEqual([500, 'INTERNAL_ERROR']);
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(JSON.stringify(body)).not.toContain('nowhere');
    expect(service.reports).toHaveLength(1);
  });

  it('that can be opened is sent whole', async () => {
    const answer = await fetch(`${service.url}/file?path=${encodeURIComponent(import.meta.filename)}`);
    expect(await answer.text()).toContain('is sent whole');
  });
});

describe('a client that goes away', () => {
  it('before its answer is no error', async () => {
    await leave('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
    released();
    expect(await service.line('request')).toMatchObject({ aborted: true, route: '/slow' });
    await sleep(50);
    expectNoError();
  });

  it('in the middle of its answer is no error', async () => {
    await leave('GET /endless HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await service.line('request')).toMatchObject({ aborted: true });
    await sleep(50);
    expectNoError();
  });

  it('in the middle of its body is no error', async () => {
    await leave('POST /body HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"half":');
    expect(await service.line('request')).toMatchObject({ aborted: true });
    await sleep(50);
    expectNoError();
  });

  it('does not hide a mistake of ours', async () => {
    await leave('GET /slow-crash HTTP/1.1\r\nHost: x\r\n\r\n');
    await service.line('unexpected failure');
    expect(service.reports).toHaveLength(1);
  });
});

function expectNoError(): void {
  expect(service.reports).toEqual([]);
  expect(service.lines.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
}

/** Sends a request, waits a little, and cuts the connection. */
async function leave(text: string): Promise<void> {
  const socket = connect(service.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(text);
  await sleep(60);
  socket.resetAndDestroy();
  await sleep(20);
}

async function* failingHalfWay(): AsyncGenerator<string> {
  yield 'the first half';
  await sleep(20);
  throw new Error('half-way');
}

async function* endless(): AsyncGenerator<string> {
  for (;;) {
    yield 'x'.repeat(65_536);
    await sleep(1);
  }
}
