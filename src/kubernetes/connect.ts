import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { HttpMethod, IsomorphicFetchHttpLibrary, KubeConfig, RequestContext } from '@kubernetes/client-node';
import { clusterErrors } from './cluster-errors.ts';
import { type Environment } from '../operations/configuration.ts';

/** What a request to an API server is made of. Paths are absolute, values of the query that are undefined are left out. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** Of the body; `application/json` when not given. */
  readonly contentType?: string;
  readonly signal: AbortSignal;
}

export interface ApiAnswer {
  readonly status: number;
  readonly text: () => Promise<string>;
  /** For answers that go on: watches, logs. */
  readonly stream: () => AsyncIterable<Uint8Array>;
}

/** A way to one API server as one identity. */
export interface Connection {
  readonly server: string;
  /** Of the context or the pod: where names without one are looked for. */
  readonly namespace: string;
  /** Answers of any status come back; only a server that does not answer throws CLUSTER_UNREACHABLE. */
  send(request: ApiRequest): Promise<ApiAnswer>;
  /** Cuts what is kept open between requests, and what still is in flight. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** HOME, KUBECONFIG and what a pod is given are read from it. */
  readonly environment: Environment;
  /** Told to the server, and seen in its audit: `holdfast-controller/0.1.0`. */
  readonly userAgent: string;
  /** A kubeconfig file; without it KUBECONFIG, then the pod's service account, then ~/.kube/config. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

type Dispatcher = NonNullable<ReturnType<RequestContext['getDispatcher']>>;

/** Sends nothing: a server that is away shows with the first request. Throws CLUSTER_NOT_CONFIGURED. */
export function connect(options: ConnectOptions): Connection {
  const config = readConfig(options);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw clusterErrors.CLUSTER_NOT_CONFIGURED({ reason: 'the context names no cluster' });
  const http = new IsomorphicFetchHttpLibrary();
  let kept: Dispatcher | undefined;

  const prepare = async ({ method, path, query = {}, body, contentType = 'application/json', signal }: ApiRequest): Promise<RequestContext> => {
    const request = new RequestContext(`${server.replace(/\/$/, '')}${path}`, HttpMethod[method]);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) request.setQueryParam(name, String(value));
    // As kubectl: logs are plain text.
    request.setHeaderParam('accept', 'application/json, */*');
    request.setHeaderParam('user-agent', options.userAgent);
    if (body !== undefined) {
      request.setHeaderParam('content-type', contentType);
      request.setBody(JSON.stringify(body));
    }
    request.setSignal(signal);
    await config.applySecurityAuthentication(request);
    // Each call makes a dispatcher, and with it a TLS connection of its own. The first one serves all: its pool keeps connections.
    kept ??= request.getDispatcher()?.compose(endless);
    if (kept !== undefined) request.setDispatcher(kept);
    return request;
  };

  return {
    server,
    namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? 'default',
    async send(call) {
      call.signal.throwIfAborted();
      try {
        const answer = await http.send(await prepare(call)).toPromise();
        return { status: answer.httpStatusCode, text: async () => answer.body.text(), stream: () => chunksOf(answer.body.stream()) };
      } catch (error) {
        throw unreachable(server, error, call.signal);
      }
    },
    close: async () => kept?.destroy(),
  };
}

/** A log may be silent for as long as it likes: how long an answer may take is for the call's signal to say. */
const endless: Parameters<Dispatcher['compose']>[0] = (dispatch) => (options, handler) => dispatch({ ...options, bodyTimeout: 0 }, handler);

/** An aborted call ends with its own reason; everything else means that the server did not answer. */
export function unreachable(server: string, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted && !isTimeout(signal.reason)) return signal.reason;
  return clusterErrors.CLUSTER_UNREACHABLE({ server, reason: reasonOf(error) }, { cause: error });
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError';
}

/** fetch says "fetch failed"; what failed is its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}

async function* chunksOf(stream: AsyncIterable<Uint8Array> | null): AsyncGenerator<Uint8Array, undefined> {
  if (stream !== null) yield* stream;
}

const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';

function readConfig({ environment, kubeconfig, context }: ConnectOptions): KubeConfig {
  const config = new KubeConfig();
  const path = kubeconfig ?? (environment['KUBECONFIG'] || undefined);
  try {
    if (path !== undefined) loadFiles(config, path);
    else if (environment['KUBERNETES_SERVICE_HOST'] && existsSync(serviceAccountToken)) config.loadFromCluster();
    else loadFiles(config, join(environment['HOME'] ?? '/', '.kube/config'));
  } catch (error) {
    throw clusterErrors.CLUSTER_NOT_CONFIGURED({ reason: error instanceof Error ? error.message : String(error) }, { cause: error });
  }
  if (context !== undefined) {
    if (config.getContextObject(context) === null) throw clusterErrors.CLUSTER_NOT_CONFIGURED({ reason: `there is no context ${context}` });
    config.setCurrentContext(context);
  }
  return config;
}

/** KUBECONFIG may name several files, as PATH does: the first one's current context counts. As for kubectl, some may be missing; not all. */
function loadFiles(config: KubeConfig, paths: string): void {
  const named = paths.split(delimiter).filter((path) => path !== '');
  const [first = named[0] ?? '', ...others] = named.filter((path) => existsSync(path));
  config.loadFromFile(first);
  for (const path of others) {
    const other = new KubeConfig();
    other.loadFromFile(path);
    config.mergeConfig(other, true);
  }
}
