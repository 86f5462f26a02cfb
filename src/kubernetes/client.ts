import type { Connection } from './connect.ts';
import type { AnyKind, Draft, ObjectName, ObjectOf } from './objects.ts';

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

export function createClient(_options: ClientOptions): Client {
  throw new Error('in progress');
}
