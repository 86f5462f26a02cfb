import { HoldfastError } from '../operations/errors.ts';
import { isClusterError } from './cluster-errors.ts';
import { type ApiRequest, type Connection, unreachable } from './connect.ts';
import { linesOf } from './lines.ts';
import { type AnyKind, type Draft, endpointOf, type ObjectName, type ObjectOf, pathOf } from './objects.ts';
import { type Asked, translateRefusal, translateWatchError } from './translate-refusal.ts';

export interface CallOptions {
  readonly signal: AbortSignal;
}

export interface Selection {
  /** All namespaces when not given. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

/** One page of a list. Without `next` it is the last. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly resourceVersion: string;
  readonly next?: string;
}

export interface WatchEvent<Item> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: Item;
}

export interface DeleteOptions extends CallOptions {
  /** Only if it is still this one. */
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan' | undefined;
}

/**
 * Typed requests to one API server. Every failure is one of `clusterErrors`; nothing is tried again here: who calls knows
 * whether the call still makes sense. Each request has a time limit of its own.
 */
export interface Client {
  readonly server: string;
  readonly namespace: string;
  /** Throws OBJECT_NOT_FOUND. */
  get<Kind extends AnyKind>(kind: Kind, name: ObjectName, options: CallOptions): Promise<ObjectOf<Kind>>;
  /** Undefined where it is not. */
  find<Kind extends AnyKind>(kind: Kind, name: ObjectName, options: CallOptions): Promise<ObjectOf<Kind> | undefined>;
  /** All that are selected, fetched in pages: memory holds one page. */
  list<Kind extends AnyKind>(kind: Kind, selection: Selection, options: CallOptions): AsyncIterable<ObjectOf<Kind>>;
  listPage<Kind extends AnyKind>(kind: Kind, selection: Selection, options: CallOptions & { readonly limit: number; readonly next?: string | undefined }): Promise<Page<ObjectOf<Kind>>>;
  /** Throws OBJECT_EXISTS. Reviews (TokenReview, SubjectAccessReview) are created too: the answer carries the verdict. */
  create<Kind extends AnyKind>(kind: Kind, object: Draft<Kind>, options: CallOptions): Promise<ObjectOf<Kind>>;
  /** Server-side apply under the client's field manager. Throws OBJECT_CONFLICT where others own a field, unless forced. */
  apply<Kind extends AnyKind>(kind: Kind, object: Draft<Kind>, options: CallOptions & { readonly force?: boolean }): Promise<ObjectOf<Kind>>;
  /** The same of the status subresource. Always forced: only one may write a status. */
  applyStatus<Kind extends AnyKind>(kind: Kind, object: Draft<Kind>, options: CallOptions): Promise<ObjectOf<Kind>>;
  /** A merge patch (RFC 7396). With `metadata.resourceVersion` in it: only if unchanged, else OBJECT_CONFLICT. */
  patch<Kind extends AnyKind>(kind: Kind, name: ObjectName, patch: unknown, options: CallOptions & { readonly subresource?: 'status' }): Promise<ObjectOf<Kind>>;
  /** Puts the whole object, with the `resourceVersion` that it was read with. Throws OBJECT_CONFLICT. */
  replace<Kind extends AnyKind>(kind: Kind, object: ObjectOf<Kind>, options: CallOptions): Promise<ObjectOf<Kind>>;
  /** Whether there was something to delete. Background propagation unless said otherwise. */
  delete(kind: AnyKind, name: ObjectName, options: DeleteOptions): Promise<boolean>;
  /** Changes after a resourceVersion, until the server or the signal ends it. Throws WATCH_EXPIRED and the others. See informer.ts for what stays up. */
  watch<Kind extends AnyKind>(kind: Kind, selection: Selection & { readonly resourceVersion: string; readonly timeoutSeconds: number }, options: CallOptions): AsyncIterable<WatchEvent<ObjectOf<Kind>>>;
  /** Lines of a pod's log. */
  logs(pod: ObjectName, options: CallOptions & { readonly container?: string; readonly follow?: boolean; readonly tailLines?: number }): AsyncIterable<string>;
}

export interface ClientOptions {
  readonly connection: Connection;
  /** Of server-side apply. */
  readonly fieldManager: string;
  /** Of a request that is answered at once. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 30_000;
/** Objects of one page: what memory holds of a list at a time. */
const pageSize = 250;
const mergePatch = 'application/merge-patch+json';
const applyPatch = 'application/apply-patch+yaml';

interface ListAnswer<Item> {
  readonly items: readonly Item[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}

export function createClient({ connection, fieldManager, timeoutMs = defaultTimeoutMs }: ClientOptions): Client {
  /** One request that is answered by one JSON document. */
  const call = async <Answer>(asked: Asked, request: Omit<ApiRequest, 'path'> & { readonly path?: string }): Promise<Answer> => {
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]);
    const answer = await connection.send({ path: pathOf(asked.kind, asked.name, asked.subresource), ...request, signal });
    try {
      const text = await answer.text();
      if (answer.status >= 300) throw translateRefusal(answer.status, text, asked);
      return JSON.parse(text) as Answer;
    } catch (error) {
      throw error instanceof HoldfastError ? error : unreachable(connection.server, error, signal);
    }
  };

  /** One request whose answer goes on, line by line. */
  async function* lines(asked: Asked, request: Omit<ApiRequest, 'path' | 'method'>): AsyncGenerator<string, undefined> {
    const answer = await connection.send({ ...request, method: 'GET', path: pathOf(asked.kind, asked.name, asked.subresource) });
    try {
      if (answer.status >= 300) throw translateRefusal(answer.status, await answer.text(), asked);
      yield* linesOf(answer.stream());
    } catch (error) {
      throw error instanceof HoldfastError ? error : unreachable(connection.server, error, request.signal);
    }
  }

  const applyTo = async <Kind extends AnyKind>(kind: Kind, object: Draft<Kind>, { force, signal, subresource }: { readonly force: boolean; readonly signal: AbortSignal; readonly subresource?: 'status' }) =>
    call<ObjectOf<Kind>>({ verb: 'apply', kind, name: nameOf(object), subresource }, { method: 'PATCH', query: { fieldManager, force }, body: complete(kind, object), contentType: applyPatch, signal });

  const client: Client = {
    server: connection.server,
    namespace: connection.namespace,
    get: async (kind, name, { signal }) => call({ verb: 'get', kind, name }, { method: 'GET', signal }),
    async find(kind, name, options) {
      try {
        return await client.get(kind, name, options);
      } catch (error) {
        if (isClusterError(error, 'OBJECT_NOT_FOUND')) return undefined;
        throw error;
      }
    },
    async *list(kind, selection, { signal }) {
      let next: string | undefined;
      do {
        const page = await client.listPage(kind, selection, { limit: pageSize, next, signal });
        yield* page.items;
        next = page.next;
      } while (next !== undefined);
    },
    async listPage(kind, { namespace, labelSelector, fieldSelector }, { limit, next, signal }) {
      const name = namespace === undefined ? {} : { namespace };
      const answer = await call<ListAnswer<ObjectOf<typeof kind>>>({ verb: 'list', kind, name }, { method: 'GET', query: { labelSelector, fieldSelector, limit, continue: next }, signal });
      const { resourceVersion, continue: token } = answer.metadata;
      // Items of a list lack both.
      const items = answer.items.map((item) => ({ ...item, apiVersion: endpointOf(kind).apiVersion, kind }));
      return { items, resourceVersion, ...(token && { next: token }) };
    },
    create: async (kind, object, { signal }) => {
      const { namespace } = object.metadata;
      return call({ verb: 'create', kind, name: nameOf(object) }, { method: 'POST', path: pathOf(kind, namespace === undefined ? {} : { namespace }), query: { fieldManager }, body: complete(kind, object), signal });
    },
    apply: async (kind, object, { force = false, signal }) => applyTo(kind, object, { force, signal }),
    applyStatus: async (kind, object, { signal }) => applyTo(kind, object, { force: true, signal, subresource: 'status' }),
    patch: async (kind, name, patch, { signal, subresource }) =>
      call({ verb: 'patch', kind, name, subresource }, { method: 'PATCH', query: { fieldManager }, body: patch, contentType: mergePatch, signal }),
    replace: async (kind, object, { signal }) => call({ verb: 'update', kind, name: nameOf(object) }, { method: 'PUT', query: { fieldManager }, body: object, signal }),
    async delete(kind, name, { propagation = 'Background', uid, resourceVersion, signal }) {
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: propagation, preconditions: { uid, resourceVersion } };
      try {
        await call({ verb: 'delete', kind, name }, { method: 'DELETE', body, signal });
        return true;
      } catch (error) {
        if (isClusterError(error, 'OBJECT_NOT_FOUND')) return false;
        throw error;
      }
    },
    async *watch(kind, { namespace, labelSelector, fieldSelector, resourceVersion, timeoutSeconds }, { signal }) {
      const asked = { verb: 'watch', kind, name: namespace === undefined ? {} : { namespace } };
      const query = { watch: true, allowWatchBookmarks: true, labelSelector, fieldSelector, resourceVersion, timeoutSeconds };
      for await (const line of lines(asked, { query, signal })) {
        const event = JSON.parse(line) as WatchEvent<ObjectOf<typeof kind>> | { readonly type: 'ERROR'; readonly object: unknown };
        if (event.type === 'ERROR') throw translateWatchError(event.object, asked);
        yield event;
      }
    },
    logs: (pod, { container, follow, tailLines, signal }) => lines({ verb: 'read the log of', kind: 'Pod', name: pod, subresource: 'log' }, { query: { container, follow, tailLines }, signal }),
  };
  return client;
}

function nameOf({ metadata: { namespace, name } }: { readonly metadata: ObjectName }): ObjectName {
  return namespace === undefined ? { name } : { namespace, name };
}

function complete<Kind extends AnyKind>(kind: Kind, object: Draft<Kind>): unknown {
  return { ...object, apiVersion: endpointOf(kind).apiVersion, kind };
}
