import { createHash } from 'node:crypto';
import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request as sendRequest } from 'node:http';

export interface UpstreamAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface UpstreamRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Buffer;
}

export interface Upstream {
  send(request: UpstreamRequest): Promise<UpstreamAnswer>;
  close(): void;
}

/** fauxqs takes no body above 11 MiB: a larger object goes to it in pieces, and gets the ETag that it would have in one. */
const largestBody = 10 * 1024 * 1024;

/** Sends requests to the fauxqs on this port of 127.0.0.1. */
export function connectUpstream(port: number): Upstream {
  const agent = new Agent({ keepAlive: true });
  const send = async (request: UpstreamRequest) => sendTo(port, agent, request);
  return {
    send: async (request) => (request.method === 'PUT' && (request.body?.length ?? 0) > largestBody ? sendInPieces(send, request) : send(request)),
    close: () => { agent.destroy(); },
  };
}

async function sendTo(port: number, agent: Agent, { method, url, headers = {}, body }: UpstreamRequest): Promise<UpstreamAnswer> {
  return new Promise((resolve, reject) => {
    const { connection: _, 'transfer-encoding': __, ...passed } = headers;
    const request = sendRequest({ host: '127.0.0.1', port, agent, method, path: url, headers: { ...passed, 'content-length': body?.length ?? 0 } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () => { resolve({ status: answer.statusCode ?? 500, headers: answer.headers, body: Buffer.concat(chunks) }); });
    });
    request.once('error', reject);
    request.end(body);
  });
}

async function sendInPieces(send: Upstream['send'], { url: whole, body = Buffer.alloc(0) }: UpstreamRequest): Promise<UpstreamAnswer> {
  const [url] = whole.split('?');
  const started = await send({ method: 'POST', url: `${url}?uploads` });
  const upload = /<UploadId>([^<]+)</.exec(started.body.toString())?.[1];
  if (upload === undefined) return started;
  const pieces: string[] = [];
  for (let at = 0; at < body.length; at += largestBody) {
    const number = pieces.length + 1;
    const piece = await send({ method: 'PUT', url: `${url}?partNumber=${number}&uploadId=${upload}`, body: body.subarray(at, at + largestBody) });
    pieces.push(`<Part><PartNumber>${number}</PartNumber><ETag>${piece.headers.etag}</ETag></Part>`);
  }
  const completion = Buffer.from(`<CompleteMultipartUpload>${pieces.join('')}</CompleteMultipartUpload>`);
  const done = await send({ method: 'POST', url: `${url}?uploadId=${upload}`, headers: { 'content-type': 'application/xml' }, body: completion });
  const etag = `"${createHash('md5').update(body).digest('hex')}"`;
  return { status: done.status, headers: { etag }, body: Buffer.alloc(0) };
}
