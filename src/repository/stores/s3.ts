import { createHash, randomUUID } from 'node:crypto';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { type Readable } from 'node:stream';
import { getCACertificates } from 'node:tls';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandOutput,
  S3Client,
} from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { HoldfastError } from '../../operations/errors.ts';
import { retry } from '../../operations/retry.ts';
import { type Store, type StoredObject, storeErrors, type StoreOptions } from './store.ts';
import { checkKey, checkPrefix, isKey, ownFolder } from './keys.ts';
import { readBody } from './s3-body.ts';
import { isTransient, s3Error, statusOf } from './s3-errors.ts';
import { defaultPatience, type S3Patience, type S3StoreOptions } from './s3-options.ts';

const maxSockets = 64;
const clockKey = `${ownFolder}/clock`;

/**
 * A store in a bucket of AWS S3 or a compatible server. One request an object; the server checks each upload by its
 * SHA-256 (in the signature) and MD5, and its answer is checked against the MD5.
 */
export function createS3Store(options: S3StoreOptions): Store {
  return new S3Store(options);
}

class S3Store implements Store {
  readonly url: string;
  readonly #bucket: string;
  readonly #root: string;
  readonly #client: S3Client;
  readonly #patience: S3Patience;
  #conditionalPut: boolean;

  constructor(options: S3StoreOptions) {
    this.#bucket = options.bucket;
    this.#root = options.prefix === '' ? '' : `${options.prefix}/`;
    this.#patience = options.patience ?? defaultPatience;
    this.#conditionalPut = options.conditionalPut ?? true;
    this.#client = createClient(options, this.#patience);
    this.url = `s3://${options.bucket}${options.prefix === '' ? '' : `/${options.prefix}`}`;
  }

  async get(key: string, { signal }: StoreOptions): Promise<Buffer> {
    checkKey(key, { store: this.url, operation: 'read' });
    return this.#run('read', key, signal, () => this.#read(key, signal));
  }

  async put(key: string, content: Uint8Array, { signal }: StoreOptions): Promise<void> {
    checkKey(key, { store: this.url, operation: 'write' });
    const md5 = createHash('md5').update(content).digest();
    const answer = await this.#run('write', key, signal, () => this.#write(key, content, md5, signal));
    // An ETag that is the content's MD5 was computed by the server from what it got. Others (KMS, some servers) say nothing.
    if (answer.ETag?.replaceAll('"', '') === md5.toString('hex')) return;
    if (answer.ServerSideEncryption?.startsWith('aws:kms')) await this.#confirmSize(key, content.length, signal);
    else await this.#confirmContent(key, content, signal);
  }

  async putIfAbsent(key: string, content: Uint8Array, { signal }: StoreOptions): Promise<void> {
    checkKey(key, { store: this.url, operation: 'write' });
    // Looked at first in any case: a server that came to ignore the condition would overwrite without a word.
    if ((await this.stat(key, { signal })) !== undefined) throw storeErrors.STORE_OBJECT_EXISTS({ store: this.url, key });
    const md5 = createHash('md5').update(content).digest();
    let answersLost = false;
    const written = await this.#run('write', key, signal, async () => {
      try {
        return await this.#writeConditionally(key, content, md5, signal);
      } catch (error) {
        answersLost ||= statusOf(error) !== 409;
        throw error;
      }
    });
    // Refused after a try whose answer was lost, the object may well be ours: its content tells.
    if (!written && !answersLost) throw storeErrors.STORE_OBJECT_EXISTS({ store: this.url, key });
    const difference = await this.#findDifference(key, content, signal);
    if (difference === undefined) return;
    if (!written || (!this.#conditionalPut && difference !== 'missing')) throw storeErrors.STORE_OBJECT_EXISTS({ store: this.url, key });
    throw storeErrors.STORE_LOST_WRITE({ store: this.url, key, reason: difference });
  }

  async stat(key: string, { signal }: StoreOptions): Promise<StoredObject | undefined> {
    checkKey(key, { store: this.url, operation: 'read' });
    const found = await this.#head(key, signal);
    return found && { key, size: found.ContentLength ?? 0, modifiedAt: this.#timeOf(key, found.LastModified) };
  }

  async *list(prefix: string, { signal }: StoreOptions): AsyncIterable<StoredObject> {
    checkPrefix(prefix, { store: this.url });
    for await (const object of this.#listAll(prefix, signal)) if (isKey(object.key)) yield object;
  }

  async delete(key: string, { signal }: StoreOptions): Promise<void> {
    checkKey(key, { store: this.url, operation: 'delete' });
    await this.#remove(key, signal);
  }

  /** Nothing to do: S3 answers a put when the object is durable. */
  async flush({ signal }: StoreOptions): Promise<void> {
    signal.throwIfAborted();
  }

  /** Writes where a run writes; a bucket is not created. Asks for no permission to delete. */
  async prepare({ signal }: StoreOptions): Promise<void> {
    await this.now({ signal });
  }

  async detectConditionalPut({ signal }: StoreOptions): Promise<boolean> {
    const key = `${ownFolder}/condition-${randomUUID()}`;
    const content = Buffer.from('Holdfast tries whether this server holds If-None-Match\n');
    const md5 = createHash('md5').update(content).digest();
    try {
      await this.#run('write', key, signal, () => this.#write(key, content, md5, signal));
      this.#conditionalPut = true;
      const overwritten = await this.#run('write', key, signal, () => this.#writeConditionally(key, content, md5, signal));
      if (overwritten) this.#conditionalPut = false;
    } finally {
      await this.#remove(key, signal);
    }
    return this.#conditionalPut;
  }

  /** One object is written over and over: who only backs up needs no permission to delete. */
  async now({ signal }: StoreOptions): Promise<Date> {
    const content = Buffer.from('Holdfast reads the time of this object\n');
    const md5 = createHash('md5').update(content).digest();
    await this.#run('write', clockKey, signal, () => this.#write(clockKey, content, md5, signal));
    const found = await this.#head(clockKey, signal);
    if (found === undefined) throw storeErrors.STORE_LOST_WRITE({ store: this.url, key: clockKey, reason: 'missing' });
    return this.#timeOf(clockKey, found.LastModified);
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }

  async #write(key: string, content: Uint8Array, md5: Buffer, signal: AbortSignal, ifNoneMatch?: '*'): Promise<PutObjectCommandOutput> {
    const command = new PutObjectCommand({
      Bucket: this.#bucket,
      Key: this.#root + key,
      Body: content,
      ContentLength: content.length,
      ContentMD5: md5.toString('base64'),
      ContentType: 'application/octet-stream',
      ...(ifNoneMatch && { IfNoneMatch: ifNoneMatch }),
    });
    return this.#client.send(command, { abortSignal: signal });
  }

  /** Whether it was written. A server that answers 501 to the condition gets the object without, now and from now on. */
  async #writeConditionally(key: string, content: Uint8Array, md5: Buffer, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#write(key, content, md5, signal, this.#conditionalPut ? '*' : undefined);
      return true;
    } catch (error) {
      if (statusOf(error) === 412) return false;
      if (statusOf(error) !== 501 || !this.#conditionalPut) throw error;
      this.#conditionalPut = false;
      return this.#writeConditionally(key, content, md5, signal);
    }
  }

  async #read(key: string, signal: AbortSignal): Promise<Buffer> {
    const answer = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: this.#root + key }), { abortSignal: signal });
    return readBody(answer.Body as Readable, answer.ContentLength, signal);
  }

  async #head(key: string, signal: AbortSignal): Promise<HeadObjectCommandOutput | undefined> {
    return this.#run('read', key, signal, async () => {
      try {
        return await this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: this.#root + key }), { abortSignal: signal });
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw error;
      }
    });
  }

  async #remove(key: string, signal: AbortSignal): Promise<void> {
    await this.#run('delete', key, signal, () => this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: this.#root + key }), { abortSignal: signal }));
  }

  async *#listAll(prefix: string, signal: AbortSignal): AsyncGenerator<StoredObject> {
    let token: string | undefined;
    do {
      const input = { Bucket: this.#bucket, Prefix: this.#root + prefix, ...(token !== undefined && { ContinuationToken: token }) };
      const page = await this.#run('list', prefix, signal, () => this.#client.send(new ListObjectsV2Command(input), { abortSignal: signal }));
      for (const { Key = '', Size = 0, LastModified } of page.Contents ?? []) {
        const key = Key.slice(this.#root.length);
        yield { key, size: Size, modifiedAt: this.#timeOf(key, LastModified) };
      }
      const next = page.NextContinuationToken;
      // A listing cut short would make prune believe that parts are gone.
      if (page.IsTruncated === true && (next === undefined || next === token)) {
        throw storeErrors.STORE_FAILED({ store: this.url, operation: 'list', key: prefix, reason: 'the server does not continue its listing' });
      }
      token = page.IsTruncated === true ? next : undefined;
    } while (token !== undefined);
  }

  async #confirmSize(key: string, size: number, signal: AbortSignal): Promise<void> {
    const found = await this.#head(key, signal);
    if (found?.ContentLength === size) return;
    const reason = found === undefined ? 'missing' : `${found.ContentLength} bytes instead of ${size}`;
    throw storeErrors.STORE_LOST_WRITE({ store: this.url, key, reason });
  }

  async #confirmContent(key: string, content: Uint8Array, signal: AbortSignal): Promise<void> {
    const reason = await this.#findDifference(key, content, signal);
    if (reason !== undefined) throw storeErrors.STORE_LOST_WRITE({ store: this.url, key, reason });
  }

  async #findDifference(key: string, content: Uint8Array, signal: AbortSignal): Promise<string | undefined> {
    const found = await this.#run('read', key, signal, async () => {
      try {
        return await this.#read(key, signal);
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw error;
      }
    });
    if (found === undefined) return 'missing';
    if (found.length !== content.length) return `${found.length} bytes instead of ${content.length}`;
    return found.equals(content) ? undefined : 'other content';
  }

  #timeOf(key: string, time: Date | undefined): Date {
    if (time !== undefined) return time;
    throw storeErrors.STORE_FAILED({ store: this.url, operation: 'read', key, reason: 'the server tells no time of change' });
  }

  /** Makes one request, again while its failure may pass, and gives what remains its name. */
  async #run<Result>(operation: string, key: string, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    try {
      return await retry(work, { ...this.#patience, signal, isRetryable: isTransient });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof HoldfastError) throw error;
      throw s3Error(error, { store: this.url, operation, key: key === '' ? '/' : key }) ?? error;
    }
  }
}

function createClient(options: S3StoreOptions, patience: S3Patience): S3Client {
  const { endpoint, certificateAuthority: ca } = options;
  const agent = { keepAlive: true, maxSockets };
  return new S3Client({
    ...(endpoint !== undefined && { endpoint }),
    region: options.region ?? (() => usualRegion(options)),
    ...(options.credentials && { credentials: options.credentials }),
    forcePathStyle: options.pathStyle ?? endpoint !== undefined,
    // Compatible servers stumble over the SDK's newer default checksums; ours are the signature's SHA-256 and Content-MD5.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // The SDK opens a new connection for each request that expects a 100; parts are small enough to be sent at once.
    expectContinueHeader: false,
    // `#run` tries again: it must know of each try to tell our own object from another's.
    retryStrategy: { retry: (next, request) => next(request) },
    requestHandler: new NodeHttpHandler({
      connectionTimeout: patience.connectMs,
      socketTimeout: patience.idleMs,
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent({ ...agent, ...(ca !== undefined && { ca: [...getCACertificates('default'), ca] }) }),
    }),
  });
}

/** What AWS's variables and profile say, for compatible servers too; but most of these do not care which region it is. */
async function usualRegion({ bucket, endpoint }: S3StoreOptions): Promise<string> {
  const usual = new S3Client({});
  try {
    return await usual.config.region();
  } catch (error) {
    if (endpoint !== undefined) return 'us-east-1';
    throw storeErrors.STORE_ADDRESS_INVALID({ address: `s3://${bucket}`, reason: 'its region is not known; set HOLDFAST_S3_REGION or AWS_REGION' }, { cause: error });
  } finally {
    usual.destroy();
  }
}
