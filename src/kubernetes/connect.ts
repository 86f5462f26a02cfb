import type { Environment } from '../operations/configuration.ts';

/** What a request to an API server is made of. Paths are absolute, values of the query that are undefined are left out. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
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
  /** Closes what is kept open between requests. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** HOME, KUBECONFIG and what a pod is given are read from it. */
  readonly environment: Environment;
  /** Told to the server, and seen in its audit: `holdfast-controller/0.1.0`. */
  readonly userAgent: string;
  /** Of a kubeconfig file; KUBECONFIG, then ~/.kube/config, then the pod's service account when not given. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

/** Throws CLUSTER_NOT_CONFIGURED. Sends nothing. */
export function connect(_options: ConnectOptions): Connection {
  throw new Error('in progress');
}
