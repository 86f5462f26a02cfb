import { Router } from '@koa/router';
import Koa from 'koa';
import { readBody } from '../../../src/operations/http/body.ts';
import { createHttpServer } from '../../../src/operations/lifecycle/http-server.ts';
import { handleErrors, recordAppErrors } from '../../../src/operations/http/handle-errors.ts';
import type { ErrorContext } from '../../../src/operations/http/record-error.ts';
import { requestContext } from '../../../src/operations/http/request-context.ts';
import { routeRequests } from '../../../src/operations/http/route-requests.ts';
import type { ServiceState } from '../../../src/operations/http/service.ts';
import { createLogger, type Logger } from '../../../src/operations/logging.ts';

export type LogLine = Record<string, unknown> & { level: string; msg: string };

export interface ServiceUnderTest {
  readonly url: string;
  readonly port: number;
  readonly lines: LogLine[];
  readonly reports: { thrown: unknown; context: ErrorContext }[];
  /** The first line with this message, awaited: a request's own line is written after its answer. */
  line(message: string): Promise<LogLine>;
  /** A request of JSON. */
  json(path: string, init?: RequestInit): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }>;
  close(): Promise<void>;
}

export interface ServiceSetUp {
  readonly routes: (router: Router<ServiceState>, log: Logger) => void;
  readonly limitBytes?: number;
  readonly requestTimeoutMs?: number;
  readonly report?: (thrown: unknown, context: ErrorContext) => void;
}

/** A real server with the operational layer's error handling around the routes of a test. */
export async function startServiceUnderTest({ routes, limitBytes = 4096, requestTimeoutMs = 60_000, report }: ServiceSetUp): Promise<ServiceUnderTest> {
  const lines: LogLine[] = [];
  const reports: ServiceUnderTest['reports'] = [];
  const log = createLogger({ level: 'debug', name: 'test' }, { write: (line) => void lines.push(JSON.parse(line) as LogLine) });
  const record = report ?? ((thrown: unknown, context: ErrorContext) => void reports.push({ thrown, context }));
  const router = new Router<ServiceState>();
  routes(router, log);
  const app = new Koa<ServiceState>();
  recordAppErrors(app, { log, report: record });
  app.use(requestContext({ log }));
  app.use(handleErrors({ report: record }));
  app.use((ctx, next) => {
    ctx.set('X-Frame-Options', 'DENY');
    return next();
  });
  app.use(readBody({ limitBytes }));
  app.use(routeRequests(router));
  const server = createHttpServer({ host: '127.0.0.1', port: 0, handler: app.callback(), log, requestTimeoutMs, headersTimeoutMs: requestTimeoutMs });
  await server.start(AbortSignal.timeout(5_000));
  const port = server.port();
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    port,
    lines,
    reports,
    line: (message) => awaitLine(lines, message),
    json: async (path, init) => {
      const answer = await fetch(`${url}${path}`, init);
      return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
    },
    close: () => server.stop(AbortSignal.abort()),
  };
}

async function awaitLine(lines: readonly LogLine[], message: string): Promise<LogLine> {
  for (const end = Date.now() + 5000; Date.now() < end; ) {
    const line = lines.find(({ msg }) => msg === message);
    if (line) return line;
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
  throw new Error(`no line “${message}” among: ${lines.map(({ msg }) => msg).join(', ')}`);
}
