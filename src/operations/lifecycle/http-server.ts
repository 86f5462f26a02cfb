import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { codeOf } from '../errors.ts';
import type { Lifecycle, ServicePart } from './lifecycle.ts';
import { serverErrors } from './server-errors.ts';
import { answerClientErrors } from '../http/client-errors.ts';
import type { Logger } from '../logging.ts';

export interface HttpServerOptions {
  readonly host: string;
  /** 0 takes a free one; `port()` tells which. */
  readonly port: number;
  /** Koa's `callback()`, or any listener. What it returns is not waited for. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => unknown;
  readonly lifecycle: Readonly<Lifecycle>;
  readonly log: Logger;
  /** For a whole request to arrive, its body included. */
  readonly requestTimeoutMs?: number;
  readonly headersTimeoutMs?: number;
  /** Above the idle time-out of the load balancer in front, so that it is never the server that closes a connection in use. */
  readonly keepAliveTimeoutMs?: number;
}

export interface HttpServer extends ServicePart {
  start(signal: AbortSignal): Promise<void>;
  /** Stops accepting, closes idle connections, lets requests in flight end; the signal cuts them off. */
  stop(signal: AbortSignal): Promise<void>;
  /** The port that it listens on. Throws before `start`. */
  port(): number;
  activeConnections(): number;
}

/** The application's HTTP server. While the service drains each answer ends its connection, so that clients go elsewhere. */
export function createHttpServer({
  host,
  port,
  handler,
  lifecycle,
  log,
  requestTimeoutMs = 30_000,
  headersTimeoutMs = 10_000,
  keepAliveTimeoutMs = 75_000,
}: HttpServerOptions): HttpServer {
  // At the moment the head is written: requests that were in flight when the drain began are covered as well.
  class DrainingResponse<Request extends IncomingMessage> extends ServerResponse<Request> {
    override writeHead(...head: unknown[]): this {
      if (lifecycle.phase === 'draining') this.shouldKeepAlive = false;
      return super.writeHead(...(head as [number]));
    }
  }
  const server = createServer(
    {
      ServerResponse: DrainingResponse,
      requestTimeout: requestTimeoutMs,
      headersTimeout: headersTimeoutMs,
      keepAliveTimeout: keepAliveTimeoutMs,
      connectionsCheckingInterval: 1_000,
    },
    (request, response) => void handler(request, response),
  );
  answerClientErrors(server, { log });
  const connections = new Set<Socket>();
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  const closeIdle = () => {
    server.closeIdleConnections();
    // Node counts a connection that has not sent anything yet as busy.
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
  };
  return {
    name: 'http server',
    start: () =>
      new Promise((resolve, reject) => {
        const refuse = (cause: Error) =>
          reject(serverErrors.LISTEN_REFUSED({ address: `${host}:${port}`, reason: codeOf(cause) ?? 'unknown' }, { cause }));
        server.once('error', refuse);
        server.listen({ host, port }, () => {
          server.off('error', refuse);
          log.info({ host, port: portOf(server) }, 'http server listens');
          resolve();
        });
      }),
    async stop(signal) {
      if (!server.listening) return;
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      // A connection that has just become idle would stay for its keep-alive time.
      closeIdle();
      const sweep = setInterval(closeIdle, 50);
      const cut = () => server.closeAllConnections();
      signal.addEventListener('abort', cut, { once: true });
      if (signal.aborted) cut();
      await closed;
      clearInterval(sweep);
      signal.removeEventListener('abort', cut);
    },
    port: () => portOf(server),
    activeConnections: () => connections.size,
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
