import { randomUUID } from 'node:crypto';
import { type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { codeOf, type HoldfastError } from '../errors.ts';
import type { Logger } from '../logging.ts';
import { httpErrors } from './http-errors.ts';
import { errorJson } from './render-error.ts';

export interface ClientErrorOptions {
  readonly log: Logger;
  /** The answer that was begun last on a connection. */
  readonly answerOn: (connection: Duplex) => ServerResponse | undefined;
}

/**
 * Lets a server answer what never becomes a whole request (a request line that is none, headers too large, a body slower than its
 * `requestTimeout`) in the JSON shape of all other errors, instead of Node's bare status line.
 */
export function answerClientErrors(server: Server, { log, answerOn }: ClientErrorOptions): void {
  server.on('clientError', (failure, socket) => {
    const answer = answerOn(socket);
    // In the middle of an answer nothing can be said any more; nor to a client that reset the connection.
    if (codeOf(failure) === 'ECONNRESET' || !socket.writable || (answer?.headersSent && !answer.writableEnded)) {
      socket.destroy();
      return;
    }
    const error = errorOf(failure);
    const errorId = randomUUID();
    log.info({ error_id: errorId, error_code: error.code, status: error.status, reason: codeOf(failure) }, 'request refused');
    socket.end(answerOf(error, errorId), () => { socket.destroy(); });
  });
}

function errorOf(failure: Error): HoldfastError {
  if (codeOf(failure) === 'ERR_HTTP_REQUEST_TIMEOUT') return httpErrors.REQUEST_TIMED_OUT({});
  return codeOf(failure) === 'HPE_HEADER_OVERFLOW' ? httpErrors.HEADERS_TOO_LARGE({}) : httpErrors.REQUEST_MALFORMED({});
}

/** Written as it goes over the wire: there is no response object for what was no request. */
function answerOf(error: HoldfastError, errorId: string): string {
  const body = JSON.stringify(errorJson(error, { errorId, language: 'en' }));
  const lines = [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
