import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { handleErrors } from '../../../src/operations/http/handle-errors.ts';
import { pageStyleSource } from '../../../src/operations/http/page.ts';
import { requestContext } from '../../../src/operations/http/request-context.ts';
import type { ServiceMiddleware, ServiceState } from '../../../src/operations/http/service.ts';
import { hardenApp } from '../../../src/operations/security/harden-app.ts';
import { type Hardening, hardeningOf, type Mode } from '../../../src/operations/security/hardening.ts';
import { captureLog } from '../../support/captured-log.ts';

/** Headers of a request that a TLS proxy passes on. */
export const overTls = { Host: 'backups.example.com', 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '192.0.2.7' };

/** How a service is set up: in production as backups.example.com behind one proxy. */
export function hardeningFor(mode: Mode, set: Partial<Omit<Hardening, 'mode'>> = {}): Hardening {
  const secretKeys = ['k3y-of-the-tests-0123456789-abcdefghijklmnopq'];
  const published = mode === 'production' ? { allowedHosts: ['backups.example.com'], proxyHops: 1 } : {};
  return hardeningOf(mode, { ...published, secretKeys, ...set });
}

export interface RunningService {
  readonly url: string;
  close(): Promise<void>;
}

/** A service on a free port, composed as one in production is: these handlers stand behind error handling and hardening. */
export async function startHardened(hardening: Hardening, ...handlers: ServiceMiddleware[]): Promise<RunningService> {
  const app = new Koa<ServiceState>();
  app.use(requestContext({ log: captureLog().log }));
  app.use(handleErrors());
  hardenApp(app, hardening, { styleSources: [pageStyleSource()] });
  for (const handler of handlers) app.use(handler);
  const handle = app.callback();
  const server = createServer((request, response) => { void handle(request, response); });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => { server.close(resolve); });
    },
  };
}
