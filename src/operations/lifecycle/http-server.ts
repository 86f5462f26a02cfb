import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { codeOf } from '../errors.ts';
import type { ServicePart } from './lifecycle.ts';
import { serverErrors } from './server-errors.ts';
import { answerClientErrors } from '../http/client-errors.ts';
import type { Logger } from '../logging.ts';

export interface HttpServerOptions {
  readonly host: string;
  /** 0 takes a free one; `port()` tells which. */
  readonly port: number;
  /** Koa's `callback()`, or any listener. What it returns is not waited for. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => unknown;
  readonly log: Logger;
  /** For a whole request to arrive, its body included. */
  readonly requestTimeoutMs?: number;
  readonly headersTimeoutMs?: number;
  /** Above the idle time-out of the load balancer in front, so that it is never the server that closes a connection in use. */
  readonly keepAliveTimeoutMs?: number;
}

export interface HttpServer extends ServicePart {
  start(signal: AbortSignal): Promise<void>;
  /** From now on each answer ends its connection, those of requests in flight included, so that clients go elsewhere. */
  drain(): void;
  /** Stops accepting, closes idle connections, lets requests in flight end; the signal cuts them off. */
  stop(signal: AbortSignal): Promise<void>;
  /** The port that it listens on. Throws before `start`. */
  port(): number;
  activeConnections(): number;
}

/** The application's HTTP server. */
export function createHttpServer({
  host,
  port,
  handler,
  log,
  requestTimeoutMs = 30_000,
  headersTimeoutMs = 10_000,
  keepAliveTimeoutMs = 75_000,
}: HttpServerOptions): HttpServer {
  /** Every open connection, and the answer that was begun last on it. */
  const connections = new Map<Duplex, ServerResponse | undefined>();
  let draining = false;
  const server = createServer(
    { requestTimeout: requestTimeoutMs, headersTimeout: headersTimeoutMs, keepAliveTimeout: keepAliveTimeoutMs, connectionsCheckingInterval: 1_000 },
    (request, response) => {
      connections.set(request.socket, response);
      if (draining) response.shouldKeepAlive = false;
      void handler(request, response);
    },
  );
  answerClientErrors(server, { log, answerOn: (connection) => connections.get(connection) });
  server.on('connection', (socket) => {
    connections.set(socket, undefined);
    socket.once('close', () => connections.delete(socket));
  });
  const closeIdle = () => {
    server.closeIdleConnections();
    // Node counts a connection that has not sent anything yet as busy.
    for (const socket of connections.keys()) if ((socket as Socket).bytesRead === 0) socket.destroy();
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
    drain() {
      draining = true;
      for (const response of connections.values()) if (response !== undefined) response.shouldKeepAlive = false;
    },
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
