import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createHttpServer, type HttpServer, type HttpServerOptions } from '../../../src/operations/lifecycle/http-server.ts';
import { captureLog } from '../../support/captured-log.ts';
import { waitFor } from '../wait-for.ts';

const never = new AbortController().signal;
const agent = new Agent({ keepAlive: true });
const servers: HttpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop(AbortSignal.abort());
  agent.destroy();
});

async function serve(handler: HttpServerOptions['handler'], options: Partial<HttpServerOptions> = {}) {
  const server = createHttpServer({ host: '127.0.0.1', port: 0, handler, log: captureLog().log, ...options });
  servers.push(server);
  await server.start(never);
  return server;
}

async function request(server: HttpServer): Promise<IncomingMessage> {
  const [answer] = (await once(get({ host: '127.0.0.1', port: server.port(), agent }), 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  return answer;
}

const hello: HttpServerOptions['handler'] = (_, response) => void response.end('hello');

describe('the HTTP server', () => {
  it('answers what is no request in the JSON of all other errors', async () => {
    const server = await serve(hello);
    const socket = connect(server.port(), '127.0.0.1');
    socket.end('NONSENSE\r\n\r\n');
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({ success: false, error_code: 'REQUEST_MALFORMED' });
  });

  it('counts its open connections', async () => {
    const server = await serve(hello);
    expect(server.activeConnections()).toBe(0);
    await request(server);
    expect(server.activeConnections()).toBe(1);
    agent.destroy();
    await waitFor(() => server.activeConnections() === 0);
  });

  it('says who has its port', async () => {
    const server = await serve(hello);
    await expect(serve(hello, { port: server.port() })).rejects.toMatchObject({ code: 'LISTEN_REFUSED', message: expect.stringContaining('EADDRINUSE') });
  });

  it('keeps connections alive while it runs, and ends each with its answer while it drains, requests in flight included', async () => {
    const server = await serve(hello);
    expect((await request(server)).headers.connection).toBe('keep-alive');
    server.drain();
    expect((await request(server)).headers.connection).toBe('close');

    const slow = await serve((_, response) => {
      slow.drain();
      response.end('late');
    });
    const answer = request(slow);
    expect((await answer).headers.connection).toBe('close');
  });

  it('stops at once when all connections are idle, those that never sent a request included', async () => {
    const server = await serve(hello);
    await request(server);
    const silent = connect(server.port(), '127.0.0.1');
    silent.on('error', () => {});
    await once(silent, 'connect');
    await waitFor(() => server.activeConnections() === 2);
    const startedMs = performance.now();
    await server.stop(never);
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });

  it('lets a request in flight end, and its connection go', async () => {
    const events: string[] = [];
    const server = await serve(async (_, response) => {
      events.push('arrived');
      await sleep(200);
      events.push('answered');
      response.end('late');
    });
    const answer = request(server);
    await waitFor(() => events.includes('arrived'));
    await server.stop(never);
    events.push('stopped');
    expect((await answer).statusCode).toBe(200);
    expect(events).toEqual(['arrived', 'answered', 'stopped']);
    await server.stop(never); // a second time changes nothing
  });

  it('cuts a request in flight off when told to', async () => {
    const server = await serve(() => {});
    const stopping = sleep(50).then(() => server.stop(AbortSignal.timeout(50)));
    await expect(request(server)).rejects.toThrow('socket hang up');
    await stopping;
  });

  it('refuses a client that sends its request too slowly', async () => {
    const server = await serve(hello, { headersTimeoutMs: 100, requestTimeoutMs: 200 });
    const slow = connect(server.port(), '127.0.0.1');
    slow.write('GET / HTTP/1.1\r\nHost: x\r\n');
    const [answer] = (await once(slow, 'data')) as [Buffer];
    expect(answer.toString()).toContain('408 Request Timeout');
  });
});
