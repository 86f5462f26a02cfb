import { once } from 'node:events';
import { ReadStream } from 'node:fs';
import { codeOf, type HoldfastError } from '../errors.ts';
import type { Logger } from '../logging.ts';
import { convertError } from './convert-error.ts';
import { errorFormatOf, errorMediaTypes } from './error-format.ts';
import { errorOfStatus } from './http-errors.ts';
import { pagePolicy } from './page.ts';
import { recordError, type ReportError } from './record-error.ts';
import { renderError } from './render-error.ts';
import type { ServiceContext, ServiceMiddleware } from './service.ts';

export interface ErrorHandling {
  readonly report?: ReportError;
  /** Path at which the error catalogue is served: what problem documents and pages point to. */
  readonly cataloguePath?: string;
}

/**
 * The one place that answers errors, whatever threw them below: as JSON, a problem document or a page, in the caller's
 * language, with an `error_id` that the log line and the report carry as well. Headers that were set before stay (security
 * headers, Allow, Retry-After), but for those that describe the body that is not sent. An empty answer with an error's status
 * gets the same form. What fails once headers are sent (a stream half-way, a body that cannot be made JSON) is recorded, and its
 * connection cut, so that nobody takes half for the whole. A client that went away is not an error.
 */
export function handleErrors({ report, cataloguePath = '/errors' }: ErrorHandling = {}): ServiceMiddleware {
  const policy = pagePolicy();

  const fail = (ctx: ServiceContext, thrown: unknown): void => {
    if (isAbort(thrown) && clientIsGone(ctx)) {
      ctx.status = clientClosedRequest;
      return;
    }
    const error = convertError(thrown, ctx.state.areaError);
    const errorId = recordError(thrown, error, { log: ctx.state.log, report, ctx });
    ctx.state.errorCode = error.code;
    if (ctx.headerSent) {
      if (!ctx.res.writableEnded) ctx.res.destroy();
      return;
    }
    const format = errorFormatOf(ctx);
    setHeaders(ctx, error);
    if (format === 'html') ctx.set('Content-Security-Policy', policy);
    ctx.set('Content-Type', `${errorMediaTypes[format]}; charset=utf-8`);
    ctx.body = renderError(format, error, { errorId, language: ctx.state.language, cataloguePath });
  };

  return async (ctx, next) => {
    let failure: unknown;
    // Koa calls this for what fails while it sends the answer; its own would strip all headers and answer in plain text.
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a context is no event target
    ctx.onerror = (thrown: unknown) => {
      // A stream's failure comes twice: from the stream and from the connection that it ends.
      if (thrown === null || thrown === undefined || thrown === failure) return;
      failure = thrown;
      fail(ctx, thrown);
      if (!ctx.res.headersSent && !ctx.res.destroyed) ctx.res.end(ctx.method === 'HEAD' ? undefined : ctx.body);
    };
    try {
      await next();
      // A file that cannot be opened is found out while its headers can still say so.
      if (isFileUnopened(ctx.body)) await once(ctx.body, 'ready');
      if (isBareError(ctx)) throw errorOfStatus(ctx.status);
    } catch (error) {
      fail(ctx, error);
    }
  };
}

/** Records what fails outside of `handleErrors`: an application's own `error` event, which koa would print. */
export function recordAppErrors(
  app: { on(event: 'error', listener: (thrown: unknown, ctx?: ServiceContext) => void): unknown },
  { log, report }: { readonly log: Logger; readonly report?: ReportError },
): void {
  app.on('error', (thrown, ctx) => {
    recordError(thrown, convertError(thrown), { log, report, ctx });
  });
}

/** What nginx logs for a client that went away: no answer reaches it, but metrics count it as something. */
const clientClosedRequest = 499;

const abortCodes: ReadonlySet<string> = new Set(['ABORT_ERR', 'ECONNABORTED', 'ECONNRESET', 'EPIPE', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_PREMATURE_CLOSE', 'HPE_INVALID_EOF_STATE']);

function isAbort(thrown: unknown): boolean {
  return abortCodes.has(codeOf(thrown) ?? '') || (typeof thrown === 'object' && thrown !== null && 'name' in thrown && thrown.name === 'AbortError');
}

function clientIsGone(ctx: ServiceContext): boolean {
  return ctx.req.socket.destroyed;
}

function isFileUnopened(body: unknown): body is ReadStream {
  return body instanceof ReadStream && body.pending;
}

function isBareError(ctx: ServiceContext): boolean {
  return ctx.status >= 400 && (ctx.body === undefined || ctx.body === null) && ctx.respond !== false && !ctx.headerSent && !clientIsGone(ctx);
}

const headersOfBody = [
  'Accept-Ranges',
  'Content-Disposition',
  'Content-Encoding',
  'Content-Length',
  'Content-Range',
  'ETag',
  'Expires',
  'Last-Modified',
  'Transfer-Encoding',
] as const;

/** Seconds after which what passes by itself is worth another try. */
const retryAfterSeconds = 5;

function setHeaders(ctx: ServiceContext, error: HoldfastError): void {
  for (const name of headersOfBody) ctx.remove(name);
  ctx.status = error.status;
  ctx.vary('Accept, Accept-Language');
  ctx.set('Cache-Control', 'no-store');
  ctx.set('Content-Language', ctx.state.language);
  if (error.status === 503 && error.retryable && !ctx.res.hasHeader('Retry-After')) ctx.set('Retry-After', String(retryAfterSeconds));
  // RFC 9110 §15.5.2 asks for a challenge; a browser shows no dialogue for this one.
  if (error.status === 401 && !ctx.res.hasHeader('WWW-Authenticate')) ctx.set('WWW-Authenticate', 'Bearer');
}
