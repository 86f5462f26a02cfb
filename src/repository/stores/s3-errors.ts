import { types } from 'node:util';
import { codeOf, type HoldfastError } from '../../operations/errors.ts';
import { storeErrors } from './store.ts';

const full = new Set(['XMinioStorageFull', 'QuotaExceeded', 'XRateQuotaExceeded', 'InsufficientCapacity', 'InsufficientStorage']);
const noCredentials = new Set(['CredentialsProviderError', 'TokenProviderError', 'ProviderError']);

/** S3's own codes for what passes by itself, beside the HTTP statuses below. */
const transientCodes = new Set([
  'BadDigest',
  'ConditionalRequestConflict',
  'OperationAborted',
  'RequestTimeout',
  'RequestTimeTooSkewed', // the SDK corrects its clock by the answer; the next call is signed with it
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TimeoutError',
  'TooManyRequestsException',
  'TruncatedBody',
]);

/** Failures of the connection that a second try may not meet. A certificate that is not trusted stays so. */
const transientErrnos = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ETIMEDOUT',
]);

/** HTTP status of the answer that the error tells of; undefined where no answer came. */
export function statusOf(error: unknown): number | undefined {
  const { $metadata, $response } = error as { $metadata?: { httpStatusCode?: number }; $response?: { statusCode?: number } };
  return $metadata?.httpStatusCode ?? $response?.statusCode;
}

/** Whether the same request may go through when it is made again. */
export function isTransient(error: unknown): boolean {
  if (!types.isNativeError(error)) return false;
  if (transientCodes.has(error.name) || transientErrnos.has(codeOf(error) ?? '')) return true;
  const status = statusOf(error);
  return status !== undefined && (status === 429 || status === 408 || (status >= 500 && status !== 501 && status !== 507));
}

/** An S3 failure as an error of the store. Shows S3's code and the HTTP status, never what was signed, nor with what. */
export function s3Error(
  error: unknown,
  { store, operation, key }: { readonly store: string; readonly operation: string; readonly key: string },
): HoldfastError | undefined {
  if (!types.isNativeError(error)) return undefined;
  const status = statusOf(error);
  const options = { cause: withoutRequest(error) };
  if (noCredentials.has(error.name)) return storeErrors.STORE_CREDENTIALS_MISSING({ store }, options);
  if (error.name === 'NoSuchBucket') return storeErrors.STORE_NOT_FOUND({ store }, options);
  if (status === 507 || full.has(error.name)) return storeErrors.STORE_FULL({ store, key }, options);
  const reason = reasonOf(error, status);
  if (status === undefined) return storeErrors.STORE_UNREACHABLE({ store, reason }, options);
  const values = { store, operation, key, reason };
  if (status === 401 || status === 403 || status === 301) return storeErrors.STORE_REFUSED(values, options);
  if (status === 404) return storeErrors.STORE_OBJECT_MISSING({ store, key }, options);
  return storeErrors.STORE_FAILED(values, options);
}

function reasonOf(error: Error, status: number | undefined): string {
  const code = codeOf(error) ?? error.name;
  if (status === undefined) return code;
  // HEAD answers have no body, hence no code; SyntaxError: an answer that is not S3's.
  const named = /^(?:Unknown|UnknownError|NotFound|Error|\d+)$/.test(error.name) ? '' : `${code}, `;
  return `${named}HTTP ${status}`;
}

/** The SDK hangs the answer with all its headers on an error; a cause that may be logged keeps name and message. */
function withoutRequest(error: Error): Error {
  const cause = new Error(error.message);
  cause.name = error.name;
  if (error.stack !== undefined) cause.stack = error.stack;
  return cause;
}
