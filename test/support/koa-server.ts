import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { HoldfastError } from '../../src/operations/errors.ts';
import type { ServiceMiddleware, ServiceState } from '../../src/operations/http/service.ts';
import { captureLog } from './captured-log.ts';

export interface RunningKoa {
  readonly url: string;
  readonly app: Koa<ServiceState>;
  close(): Promise<void>;
}

/**
 * An application on a free port of 127.0.0.1 with what comes before a piece of middleware in the real one cut down to
 * the least: a state, and errors answered as `{error_code}` with their status.
 */
export async function startKoa(...middleware: ServiceMiddleware[]): Promise<RunningKoa> {
  const app = new Koa<ServiceState>();
  const { log } = captureLog();
  app.use(async (ctx, next) => {
    Object.assign(ctx.state, { requestId: 'test', language: 'en', log });
    try {
      await next();
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      ctx.status = error.status;
      ctx.body = { error_code: error.code };
    }
  });
  for (const each of middleware) app.use(each);
  const handle = app.callback();
  const server: Server = createServer((request, response) => { void handle(request, response); });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    app,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => { server.close(resolve); });
    },
  };
}
