import type { ErrorFormat, ServiceContext } from './service.ts';

export const errorMediaTypes = {
  json: 'application/json',
  problem: 'application/problem+json',
  html: 'text/html',
} as const satisfies Record<ErrorFormat, string>;

const allFormats: readonly ErrorFormat[] = ['json', 'problem', 'html'];

/** Reading an Accept header takes time by the square of its length, and no client needs so much. */
const longestAccept = 1000;

/**
 * The format that the caller reads: programs that ask for nothing in particular get JSON, browsers a page, as they name
 * HTML first. An error is never answered by another (406): what accepts none of ours gets the first.
 */
export function errorFormatOf(ctx: ServiceContext): ErrorFormat {
  const formats = ctx.state.errorFormats ?? allFormats;
  const { accept } = ctx.headers;
  const first = formats[0] ?? 'json';
  if (accept === undefined || accept === '*/*' || accept.length > longestAccept) return first;
  const best = ctx.accepts(formats.map((format) => errorMediaTypes[format]));
  return formats.find((format) => errorMediaTypes[format] === best) ?? first;
}
