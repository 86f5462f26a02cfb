import { bodyParser } from '@koa/bodyparser';
import { codeOf } from '../errors.ts';
import { httpErrors } from './http-errors.ts';
import type { ServiceContext, ServiceMiddleware } from './service.ts';

/** Deeper than any request needs, and far from what overflows the stack of whoever walks it. */
const deepest = 32;

/**
 * Reads the body of POST, PUT and PATCH into `ctx.request.body`: JSON (an object or an array) and forms, in UTF-8, gzip or deflate
 * allowed; the limit counts unpacked bytes. Throws BODY_TYPE_UNSUPPORTED (415), BODY_TOO_LARGE (413), BODY_INVALID (400). The
 * parser's own errors are not kept: they quote the body, and bodies hold passwords.
 */
export function readBody({ limitBytes = 100 * 1024 }: { readonly limitBytes?: number } = {}): ServiceMiddleware {
  const parse = bodyParser({
    enableTypes: ['json', 'form'],
    jsonLimit: String(limitBytes),
    formLimit: String(limitBytes),
    onError: (error, ctx) => refuse(error, ctx, limitBytes),
  }) as ServiceMiddleware;
  return (ctx, next) => {
    if (!hasBody(ctx)) return next();
    if (!isReadable(ctx)) {
      closeAfterAnswer(ctx);
      throw httpErrors.BODY_TYPE_UNSUPPORTED({});
    }
    return parse(ctx, () => {
      refuseDeep(ctx.request.body);
      return next();
    });
  };
}

const readMethods: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

function hasBody(ctx: ServiceContext): boolean {
  if (!readMethods.has(ctx.method)) return false;
  const { 'content-length': length, 'transfer-encoding': encoding } = ctx.headers;
  return encoding !== undefined || (length !== undefined && length !== '0');
}

function isReadable(ctx: ServiceContext): boolean {
  const charset = ctx.request.charset.toLowerCase();
  return ctx.is('application/json', 'application/x-www-form-urlencoded') !== false && (charset === '' || charset === 'utf-8' || charset === 'utf8');
}

function refuse(error: Error, ctx: ServiceContext, limit: number): never {
  const { status } = error as { status?: number };
  // The client went away half-way: not a mistake of its own to be told of.
  if (codeOf(error) === 'ECONNABORTED') throw error;
  closeAfterAnswer(ctx);
  if (status === 413) throw httpErrors.BODY_TOO_LARGE({ limit });
  if (status === 415) throw httpErrors.BODY_TYPE_UNSUPPORTED({});
  if (codeOf(error)?.startsWith('Z_')) throw httpErrors.BODY_INVALID({ problem: { en: 'it does not unpack', zh: '解压失败' } });
  if (status === 400) throw httpErrors.BODY_INVALID({ problem: { en: 'it is not well-formed', zh: '格式不正确' } });
  throw error;
}

/** The rest of a body that is not read must not be taken for the next request, nor be awaited. */
function closeAfterAnswer(ctx: ServiceContext): void {
  if (!ctx.req.complete) ctx.set('Connection', 'close');
}

/** Level by level, not by recursion: the depth is the caller's choice. */
function refuseDeep(body: unknown): void {
  let level: unknown[] = [body];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) throw httpErrors.BODY_INVALID({ problem: { en: 'it is nested too deeply', zh: '嵌套过深' } });
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
  }
}
