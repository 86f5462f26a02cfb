import { createHash } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { type S3Credentials, signatureFault } from './s3-signature.ts';
import type { Upstream, UpstreamAnswer } from './s3-upstream.ts';

/** What the front does to requests. Tests change it while the server runs; counts go down to 0 by themselves. */
export interface S3Behaviour {
  /** Whether it demands valid signatures. */
  checksSignatures: boolean;
  /** Whether it compares a body with its Content-MD5. */
  checksDigests: boolean;
  /** Whether it holds `If-None-Match: *` on a put. */
  holdsConditions: boolean;
  /** Whether it answers 501 to a condition, as some compatible servers do. */
  refusesConditions: boolean;
  /** Answers each request with this status and S3 code. */
  refusal: { readonly status: number; readonly code: string } | undefined;
  /** So many requests are answered 503 SlowDown. */
  unavailable: number;
  /** So many connections are cut before the request is looked at. */
  cutBefore: number;
  /** So many puts are carried out, and the connection is cut instead of an answer. */
  cutAfterPut: number;
  /** So many reads of an object end after half of their body. */
  truncatedReads: number;
  /** Listings give so many objects a page, as a server may: 1,000 is S3's most. */
  pageSize: number;
  /** Answers come so much later. */
  delayMs: number;
  /** Puts are acknowledged with the right ETag, and forgotten. */
  losesPuts: boolean;
  /** Puts are acknowledged with an ETag that is no hash of theirs. */
  foreignEtags: boolean;
  /** Puts are stored with one bit turned, after all checks. */
  damagesPuts: boolean;
  /** What the server's clock differs from this machine's. */
  clockOffsetMs: number;
}

/** As strict as AWS, and without faults. */
export function strictBehaviour(): S3Behaviour {
  return {
    checksSignatures: true, checksDigests: true, holdsConditions: true, refusesConditions: false, refusal: undefined, unavailable: 0, cutBefore: 0, cutAfterPut: 0,
    truncatedReads: 0, pageSize: 1000, delayMs: 0, losesPuts: false, foreignEtags: false, damagesPuts: false, clockOffsetMs: 0,
  };
}

interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** Handles requests: checks what fauxqs does not, causes the faults asked for, and passes the rest on. */
export function createFront(upstream: Upstream, credentials: S3Credentials, behaviour: S3Behaviour): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const turns = new Map<string, Promise<unknown>>();

  /** Puts of one key take turns: a condition and its put are one step. */
  const inTurn = async <Result>(key: string, work: () => Promise<Result>): Promise<Result> => {
    const turn = (turns.get(key) ?? Promise.resolve()).catch(() => undefined).then(work);
    turns.set(key, turn);
    try {
      return await turn;
    } finally {
      if (turns.get(key) === turn) turns.delete(key);
    }
  };

  const put = async (request: IncomingMessage, url: string, body: Buffer): Promise<Answer> => {
    const md5 = createHash('md5').update(body).digest();
    const digest = request.headers['content-md5'];
    if (behaviour.checksDigests && digest !== undefined && digest !== md5.toString('base64')) return failure(400, 'BadDigest');
    if (behaviour.refusesConditions && request.headers['if-none-match'] !== undefined) return failure(501, 'NotImplemented');
    if (behaviour.holdsConditions && request.headers['if-none-match'] === '*') {
      const existing = await upstream.send({ method: 'HEAD', url });
      if (existing.status === 200) return failure(412, 'PreconditionFailed');
    }
    if (behaviour.losesPuts) return { status: 200, headers: { etag: `"${md5.toString('hex')}"` }, body: Buffer.alloc(0) };
    const stored = behaviour.damagesPuts ? withOneBitTurned(body) : body;
    const answer = await upstream.send({ method: 'PUT', url, headers: request.headers, body: stored });
    if (behaviour.foreignEtags && answer.status === 200) answer.headers.etag = `"${createHash('md5').update(url).digest('hex')}"`;
    return answer;
  };

  return async (request, response) => {
    const { method = 'GET', url = '/' } = request;
    const body = await buffer(request);
    if (behaviour.delayMs > 0) await sleep(behaviour.delayMs);
    if (takeOne(behaviour, 'cutBefore')) {
      request.socket.destroy();
      return;
    }
    const now = new Date(Date.now() + behaviour.clockOffsetMs);
    const isPut = method === 'PUT' && !url.includes('?uploads');
    let answer = ruling(request, body, now);
    answer ??= isPut ? await inTurn(url, async () => put(request, url, body)) : await upstream.send({ method, url: paged(url), headers: request.headers, body });
    if (isPut && takeOne(behaviour, 'cutAfterPut')) {
      request.socket.destroy();
      return;
    }
    send(response, method, answer, now);
  };

  function paged(url: string): string {
    return url.includes('list-type=2') ? `${url}&max-keys=${behaviour.pageSize}` : url;
  }

  function ruling(request: IncomingMessage, body: Buffer, now: Date): Answer | undefined {
    if (takeOne(behaviour, 'unavailable')) return failure(503, 'SlowDown');
    if (behaviour.refusal !== undefined) return failure(behaviour.refusal.status, behaviour.refusal.code);
    const fault = behaviour.checksSignatures ? signatureFault(request, body, credentials, now) : undefined;
    return fault === undefined ? undefined : failure(fault.startsWith('XAmz') || fault === 'AuthorizationHeaderMalformed' ? 400 : 403, fault);
  }

  function send(response: ServerResponse, method: string, answer: Answer | UpstreamAnswer, now: Date): void {
    const { connection: _, 'transfer-encoding': __, ...headers } = answer.headers;
    response.writeHead(answer.status, { ...headers, date: now.toUTCString(), ...(method !== 'HEAD' && { 'content-length': answer.body.length }) });
    const isObject = method === 'GET' && answer.status === 200 && headers.etag !== undefined;
    if (isObject && takeOne(behaviour, 'truncatedReads')) {
      response.write(answer.body.subarray(0, answer.body.length / 2), () => response.destroy());
      return;
    }
    response.end(method === 'HEAD' ? undefined : answer.body);
  }
}

function takeOne(behaviour: S3Behaviour, count: 'unavailable' | 'cutBefore' | 'cutAfterPut' | 'truncatedReads'): boolean {
  if (behaviour[count] === 0) return false;
  behaviour[count] -= 1;
  return true;
}

function failure(status: number, code: string): Answer {
  const xml = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message><RequestId>1</RequestId></Error>`;
  return { status, headers: { 'content-type': 'application/xml' }, body: Buffer.from(xml) };
}

function withOneBitTurned(body: Buffer): Buffer {
  const damaged = Buffer.from(body);
  if (damaged.length > 0) damaged.writeUInt8(damaged.readUInt8(0) ^ 1, 0);
  return damaged;
}
