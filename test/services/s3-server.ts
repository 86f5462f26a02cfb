import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFauxqs } from 'fauxqs';
import { createFront, type S3Behaviour, strictBehaviour } from './s3-front.ts';
import type { S3Credentials } from './s3-signature.ts';
import { connectUpstream } from './s3-upstream.ts';

export interface S3ServerOptions {
  /** Where objects are kept; a temporary folder without it. */
  readonly directory?: string | undefined;
  readonly port?: number | undefined;
  /** Speaks TLS with this certificate. */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
  readonly credentials?: S3Credentials | undefined;
}

export interface S3Server extends S3Credentials {
  /** The strict front. */
  readonly endpoint: string;
  /** Another way to the same objects, as lax as many a compatible server: no signatures, no digests, no conditions. */
  readonly plainEndpoint: string;
  /** A bucket that exists. */
  readonly bucket: string;
  readonly behaviour: S3Behaviour;
  stop(): Promise<void>;
}

/**
 * Starts an S3 server on 127.0.0.1 in this process.
 *
 * What is foreign: storing, listing with its pages, reading and deleting are fauxqs's (npm), an implementation that
 * shares no code with ours and answers as S3 does. What is ours: a front before it that adds what fauxqs lacks, namely
 * signatures (checked by our own reading of AWS's description), Content-MD5, `If-None-Match: *` on a put, and a clock
 * check; and the faults. What the front demands is thus our understanding of S3, not S3 itself: set TEST_S3_ENDPOINT to
 * try a real one. fauxqs listens on all interfaces, for as long as the tests run.
 */
export async function startS3Server(options: S3ServerOptions = {}): Promise<S3Server> {
  const { credentials = { accessKeyId: 'HOLDFASTTESTKEY00001', secretAccessKey: 'not/a+secret/but+a/test', region: 'us-east-1' } } = options;
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'holdfast-s3-')));
  const bucket = 'holdfast-test';
  const fauxqs = await startFauxqs({ port: 0, logger: false, s3StorageDir: directory, init: { buckets: [bucket] } });
  const upstream = connectUpstream(fauxqs.port);
  const behaviour = strictBehaviour();
  const strict = await listen(createFront(upstream, credentials, behaviour), options);
  const lax = await listen(createFront(upstream, credentials, { ...strictBehaviour(), checksSignatures: false, checksDigests: false, holdsConditions: false }));
  return {
    ...credentials,
    endpoint: strict.endpoint,
    plainEndpoint: lax.endpoint,
    bucket,
    behaviour,
    stop: async () => {
      await Promise.all([strict.stop(), lax.stop()]);
      upstream.close();
      await fauxqs.stop();
      if (options.directory === undefined) await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Serves a front on 127.0.0.1. */
async function listen(front: ReturnType<typeof createFront>, { tls, port }: S3ServerOptions = {}): Promise<{ endpoint: string; stop: () => Promise<void> }> {
  const listener = (...[request, response]: Parameters<typeof front>) => {
    // A client that went away, or a server that stops: nobody is left to answer.
    front(request, response).catch(() => response.destroy());
  };
  const server = tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port ?? 0, '127.0.0.1', resolve);
  });
  return {
    endpoint: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      const closed = new Promise((resolve) => { server.close(resolve); });
      server.closeAllConnections();
      await closed;
    },
  };
}
