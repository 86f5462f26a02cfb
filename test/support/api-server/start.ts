import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiObject } from './api-object.ts';
import { makeCertificate } from './certificate.ts';
import { Cluster } from './cluster.ts';
import { type Fault, Faults, fits, type RequestPattern, type SeenRequest } from './faults.ts';
import { createHandler } from './handler.ts';
import { PodLogs } from './pod-logs.ts';
import { type AccessRule, administrator, userOf, Users } from './users.ts';
import { startLifecycle } from './lifecycle.ts';
import type { OpenWatch } from './watch.ts';
import { storageKey } from './resource-types.ts';
import { create, update } from './writes.ts';

export interface ApiServerOptions {
  /** Made before anything else, by the administrator. */
  readonly objects?: readonly object[];
  /** What users may do, beyond what Roles bound in the cluster say. */
  readonly access?: Readonly<Record<string, readonly AccessRule[]>>;
}

export interface ApiServer {
  readonly url: string;
  /** PEM, and a file that holds it. */
  readonly certificate: string;
  readonly certificateFile: string;
  /** A kubeconfig (JSON, which is YAML) for a user, the administrator without one. */
  kubeConfig(user?: string, namespace?: string): string;
  /** The same in a file, for programs. */
  kubeConfigFile(user?: string, namespace?: string): Promise<string>;
  tokenFor(user: string): string;
  /** From now on the user may do this and, beyond Roles, nothing else. */
  grant(user: string, rules: readonly AccessRule[]): void;
  /** The user's token is not known any more. */
  revoke(user: string): void;
  /** Makes objects as the administrator, past HTTP and the counts. */
  seed(objects: readonly object[]): void;
  /** What the container of a pod (`namespace/name`) says: `end` is for those who follow. */
  readonly logs: PodLogs;
  /** The requests so far that fit. */
  requests(pattern?: RequestPattern): readonly SeenRequest[];
  /** How often each: `patch backups/status` → 3. */
  counts(pattern?: RequestPattern): Readonly<Record<string, number>>;
  /** How many of them would change something. */
  writes(pattern?: RequestPattern): number;
  forgetRequests(): void;
  /** Lets requests fail; returns what ends that. */
  fail(pattern: RequestPattern, fault: Fault, options?: { readonly skip?: number; readonly times?: number }): () => void;
  /** Of watches that are open now, of one resource (plural) or all: how many there are, and what befalls them. */
  openWatches(resource?: string): number;
  dropWatches(resource?: string): void;
  /** They stay open and tell nothing more. */
  silenceWatches(resource?: string): void;
  /** They end with 410, and whoever goes on from an old revision gets 410 too. */
  expireWatches(resource?: string): void;
  /** Forgets old revisions: later watches and pages from there get 410; open watches go on. */
  compact(): void;
  /** Cuts every connection, refuses new ones for a while, and comes back at the same port with everything stored. */
  restart(downMs?: number): Promise<void>;
  stop(): Promise<void>;
}

const writingVerbs: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/**
 * Starts an API server of Kubernetes on 127.0.0.1 in this process, over HTTPS: what the real client-node, kubectl and helm talk to in tests.
 *
 * It is our understanding of the API, not the API. What it cannot prove:
 * - No controller, scheduler or kubelet runs: Jobs and CronJobs lie there (test/support/kubelet does their work), pods are
 *   deleted at once, quotas, limit ranges, pod security admission and webhooks do not exist.
 * - Built-in kinds are checked and completed only in what Holdfast uses (`built-in/`); unknown fields of theirs are kept, strict or not.
 * - CEL is cel-js without types: a real server compiles rules against the schema, estimates their cost, and may refuse a definition
 *   that is taken here. There is no ratcheting: unchanged wrong values are refused too.
 * - Server-side apply knows one version a kind and merges by the lists named in `apply/shape.ts`; nobody converts or migrates.
 * - Later pages of a list show the present, not the first page's moment; lists are consistent in all else.
 * - Field selectors take any field, where a real server refuses most.
 * - Priority and fairness, authentication by certificates, impersonation, audit and CBOR are not there; protobuf is read for few kinds.
 * - events.k8s.io and core Events are two stores, where a real server shows one as the other.
 * - One server, one thread: no lag between replicas, no stale reads, no etcd that is slow.
 * test/cluster proves the same on a real cluster.
 */
export async function startApiServer({ objects = [], access = {} }: ApiServerOptions = {}): Promise<ApiServer> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-api-server-'));
  const { certificateFile, certificate, key } = await makeCertificate(folder);
  const cluster = new Cluster();
  const logs = new PodLogs();
  const stopLifecycle = startLifecycle(cluster);
  const [users, faults, watches, seen] = [new Users(), new Faults(), new Set<OpenWatch>(), [] as SeenRequest[]];
  const seed = (given: readonly object[]): void => {
    for (const object of given as readonly ApiObject[]) {
      const type = cluster.typeOfKind(object.apiVersion, object.kind);
      if (type === undefined) throw new Error(`Nothing serves ${object.apiVersion} ${object.kind}.`);
      const options = { user: userOf(administrator), manager: 'seed', dryRun: false, strict: true };
      const isThere = cluster.store.get(storageKey(type), `${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`) !== undefined;
      if (!isThere) create(cluster, type, object, options);
      if (object['status'] !== undefined) update(cluster, type, object, { ...options, subresource: 'status' });
    }
  };
  seed(['default', 'kube-system'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })));
  seed(objects);

  const rules = new Map(Object.entries(access));
  const handle = createHandler({ cluster, users, access: rules, faults, watches, seen, logs });
  const server = createServer({ cert: certificate, key }, (request, response) => { void handle(request, response); });
  const listen = (port: number): Promise<void> => new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => { server.close(resolve); });
    server.closeAllConnections();
    await closed;
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const url = `https://127.0.0.1:${port}`;
  const kubeConfig = (user = administrator, namespace = 'default'): string => JSON.stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': 'double',
    clusters: [{ name: 'double', cluster: { server: url, 'certificate-authority-data': Buffer.from(certificate).toString('base64') } }],
    users: [{ name: user, user: { token: users.tokenFor(user) } }],
    contexts: [{ name: 'double', context: { cluster: 'double', user, namespace } }],
  });
  const requests = (pattern: RequestPattern = {}): SeenRequest[] => seen.filter((request) => fits(request, pattern));
  const opened = (resource?: string): OpenWatch[] => [...watches].filter(({ type }) => resource === undefined || type.plural === resource);
  return {
    url, certificate, certificateFile, kubeConfig, seed, requests, logs,
    kubeConfigFile: async (user = administrator, namespace = 'default') => {
      const file = join(folder, `${user.replaceAll(/[^\w-]/g, '-')}-${namespace}.kubeconfig`);
      await writeFile(file, kubeConfig(user, namespace), { mode: 0o600 });
      return file;
    },
    tokenFor: (user) => users.tokenFor(user),
    grant: (user, given) => { rules.set(user, given); },
    revoke: (user) => { users.revoke(user); },
    counts: (pattern) => Object.fromEntries(Map.groupBy(requests(pattern), ({ verb, resource, subresource }) => `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`).entries().map(([name, all]) => [name, all.length])),
    writes: (pattern) => requests(pattern).filter(({ verb }) => writingVerbs.has(verb)).length,
    forgetRequests: () => { seen.length = 0; },
    fail: (pattern, fault, options) => faults.plan(pattern, fault, options),
    openWatches: (resource) => opened(resource).length,
    dropWatches: (resource) => { for (const watch of opened(resource)) watch.cut(); },
    silenceWatches: (resource) => { for (const watch of opened(resource)) watch.silence(); },
    expireWatches: (resource) => {
      cluster.store.compact();
      for (const watch of opened(resource)) watch.expire();
    },
    compact: () => { cluster.store.compact(); },
    restart: async (downMs = 0) => {
      await close();
      await sleep(downMs);
      await listen(port);
    },
    stop: async () => {
      stopLifecycle();
      await close();
      await rm(folder, { recursive: true });
    },
  };
}
