import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Logger } from '../logging.ts';
import type { Language } from '../text.ts';
import { acceptedLanguage } from './accepted-language.ts';
import type { ServiceContext, ServiceMiddleware, ServiceState } from './service.ts';

/** What may stand in a log line, a header and a search field without harm. */
const wellFormedId = /^[\w.:=+/@-]{1,128}$/;

/**
 * The outermost middleware: gives each request its id (the caller's X-Request-Id when it is well-formed, or a new one; the
 * answer carries it), its language and its logger, and writes one line when it is over. The line names the route's template,
 * never the path or query, which hold names and sometimes secrets. `bytes` are those of the wire, headers included.
 */
export function requestContext({ log }: { readonly log: Logger }): ServiceMiddleware {
  return (ctx, next) => {
    const given = ctx.headers['x-request-id'];
    const requestId = typeof given === 'string' && wellFormedId.test(given) ? given : randomUUID();
    ctx.state = new RequestState(requestId, ctx.headers['accept-language'], log);
    ctx.res.setHeader('X-Request-Id', requestId);
    logWhenOver(ctx, log);
    return next();
  };
}

/** A class, for an accessor that each request's own object defines anew takes ten times as long. */
class RequestState implements ServiceState {
  readonly requestId: string;
  readonly language: Language;
  readonly #log: Logger;
  #own: Logger | undefined;

  constructor(requestId: string, acceptLanguage: string | undefined, log: Logger) {
    this.requestId = requestId;
    this.language = acceptedLanguage(acceptLanguage);
    this.#log = log;
  }

  /** Made when it is asked for: most requests log nothing of their own, and a child logger costs more than all else here. */
  get log(): Logger {
    return (this.#own ??= this.#log.child({ request_id: this.requestId }));
  }
}

function logWhenOver(ctx: ServiceContext, log: Logger): void {
  const start = performance.now();
  const { socket } = ctx.req;
  const bytesBefore = socket.bytesWritten;
  ctx.res.once('close', () => {
    const { requestId, routePath, principal } = ctx.state;
    const fields = {
      request_id: requestId,
      method: ctx.method,
      route: routePath ?? 'other',
      status: ctx.status,
      duration_ms: Math.round((performance.now() - start) * 100) / 100,
      bytes: socket.bytesWritten - bytesBefore,
      user: principal?.id,
      ...(!ctx.res.writableFinished && { aborted: true }),
    };
    log.info(fields, 'request');
  });
}
