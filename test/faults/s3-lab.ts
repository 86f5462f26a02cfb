import { createServer, type IncomingMessage, request as sendRequest, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { startS3Server } from '../services/s3-server.ts';
import type { Variables } from '../jobs/holdfast.ts';

/** An answer of the bucket. */
export interface S3Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface S3Request {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly body: Buffer;
  /** Asks the real server. */
  readonly pass: () => Promise<S3Answer>;
  /** Puts these bytes where the request puts its own, past all checks. */
  readonly store: (body: Buffer) => Promise<S3Answer>;
}

/** Stands between the commands and the bucket. `cut`: the connection ends instead of an answer. */
export type Interference = (request: S3Request) => Promise<S3Answer | 'cut'>;

export interface S3Lab {
  readonly bucket: string;
  readonly region: string;
  readonly credentials: Variables;
  /** Where faults happen. */
  readonly endpoint: string;
  /** Without faults. */
  readonly directEndpoint: string;
  /** What happens to requests from now on; undefined: nothing. */
  interfere(interference: Interference | undefined): void;
  stop(): Promise<void>;
}

const passOn: Interference = async ({ pass }) => pass();

/** Starts the tests' S3 server in this process, and a way to it on which a case can do what it likes. */
export async function startS3Lab(directory: string): Promise<S3Lab> {
  const s3 = await startS3Server({ directory });
  let interference = passOn;

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = 'GET', url = '/', headers } = request;
    const own = await buffer(request);
    const pass = async () => send({ ...addressOf(s3.endpoint), method, path: url, headers: { ...headers, 'content-length': own.length } }, own);
    const store = async (body: Buffer) => send({ ...addressOf(s3.plainEndpoint), method: 'PUT', path: url, headers: { 'content-length': body.length } }, body);
    const answer = await interference({ method, url, body: own, pass, store });
    if (answer === 'cut') {
      response.destroy();
      return;
    }
    const { connection: _, 'transfer-encoding': __, ...kept } = answer.headers;
    response.writeHead(answer.status, kept);
    response.end(method === 'HEAD' ? undefined : answer.body);
  };
  const front = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => { front.listen(0, '127.0.0.1', resolve); });
  const { port: frontPort } = front.address() as AddressInfo;

  return {
    bucket: s3.bucket,
    region: s3.region,
    credentials: { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey },
    endpoint: `http://127.0.0.1:${frontPort}`,
    directEndpoint: s3.endpoint,
    interfere: (next = passOn) => {
      interference = next;
    },
    stop: async () => {
      front.closeAllConnections();
      front.close();
      await s3.stop();
    },
  };
}

function addressOf(endpoint: string): { hostname: string; port: string } {
  const { hostname, port } = new URL(endpoint);
  return { hostname, port };
}

async function send(options: { hostname: string; port: string; method: string; path: string; headers: object }, body: Buffer): Promise<S3Answer> {
  return new Promise((resolve, reject) => {
    const request = sendRequest({ ...options, headers: { ...options.headers } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () => { resolve({ status: answer.statusCode ?? 500, headers: answer.headers, body: Buffer.concat(chunks) }); });
    });
    request.once('error', reject);
    request.end(body);
  });
}

/** An error as S3 writes it. */
export function s3Failure(status: number, code: string): S3Answer {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message><RequestId>1</RequestId></Error>`);
  return { status, headers: { 'content-type': 'application/xml', 'content-length': String(body.length) }, body };
}
