import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { codeOf } from '../errors.ts';
import { errorAnswer, type FromListener, type ListenerSettings, type ManagementAnswer, type ManagementRequest, type ToListener } from './exchange.ts';
import { createLogger } from '../logging.ts';
import { createLiveness, watchLiveness } from './liveness.ts';
import { managementErrors } from './management-errors.ts';

/** The entry of the listening thread: see this folder's README for why it is a thread of its own. */

const bodyLimitBytes = 1_024;

const { host, port, answerTimeoutMs, heartbeats, logName } = workerData as ListenerSettings;
const main = parentPort;
if (main === null) throw new Error('the management listener runs as a worker thread');

const liveness = createLiveness(heartbeats);
// A logger of its own, which writes to standard error without the main thread.
const log = createLogger({ level: 'info', name: logName });
watchLiveness(heartbeats, (heartbeat, hangs, silenceMs) => {
  const facts = { heartbeat, silence_ms: Math.round(silenceMs) };
  if (hangs) log.error(facts, 'loop hangs');
  else log.warn(facts, 'loop turns again');
});
const waiting = new Map<number, (answer: ManagementAnswer) => void>();
let lastId = 0;

const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
  const url = request.url ?? '/';
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (isRead && (url === '/livez' || url.startsWith('/livez?'))) {
    send(response, liveness(url.includes('verbose')));
  } else {
    readBody(request, response, (body) => relay(requestOf(request, url, body), response));
  }
});

main.on('message', ({ id, answer }: ToListener) => {
  waiting.get(id)?.(answer);
});
server.once('error', (error) => tell({ type: 'refused', reason: codeOf(error) ?? 'unknown' }));
// Idle connections go by the socket's own time-out: the keep-alive one costs a timer an answer, a tenth of what `/livez` costs.
server.keepAliveTimeout = 0;
server.timeout = 60_000;
server.listen({ host, port }, () => tell({ type: 'listening', port: (server.address() as AddressInfo).port }));

function tell(message: FromListener): void {
  main?.postMessage(message, []);
}

function requestOf(request: IncomingMessage, url: string, body: string): ManagementRequest {
  return { method: request.method ?? 'GET', url, contentType: request.headers['content-type'], origin: request.headers.origin, body };
}

/** Lets the main thread answer, for as long as it may take. */
function relay(request: ManagementRequest, response: ServerResponse): void {
  const id = (lastId += 1);
  const settle = (answer: ManagementAnswer) => {
    clearTimeout(timer);
    waiting.delete(id);
    send(response, answer);
  };
  const silent = () => settle(errorAnswer(managementErrors.MAIN_THREAD_SILENT({ seconds: answerTimeoutMs / 1_000 }), request.url));
  const timer = setTimeout(silent, answerTimeoutMs);
  waiting.set(id, settle);
  tell({ type: 'request', id, request });
}

function readBody(request: IncomingMessage, response: ServerResponse, then: (body: string) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= bodyLimitBytes) {
      chunks.push(chunk);
    } else if (!response.headersSent) {
      response.shouldKeepAlive = false;
      send(response, errorAnswer(managementErrors.MANAGEMENT_BODY_TOO_LARGE({ bytes: bodyLimitBytes }), request.url ?? '/'));
    }
  });
  request.on('end', () => {
    if (bytes <= bodyLimitBytes) then(Buffer.concat(chunks).toString('utf8'));
  });
}

function send(response: ServerResponse, { status, headers, body }: ManagementAnswer): void {
  response.writeHead(status, headers);
  response.end(body);
}
