import { once } from 'node:events';
import type { ServicePart } from '../operations/lifecycle/lifecycle.ts';
import type { Logger } from '../operations/logging.ts';
import type { Client } from './client.ts';
import { defaultFollowLimits, followKind, type Follower, type FollowLimits } from './follow-kind.ts';
import { type Change, ObjectCache } from './object-cache.ts';
import { keyOf, type ObjectKey } from './object-key.ts';
import type { AnyKind, ObjectOf } from './objects.ts';

export type { Change } from './object-cache.ts';
export { keyOf, nameOfKey, type ObjectKey } from './object-key.ts';

export interface InformerOptions<Kind extends AnyKind, Kept> {
  readonly client: Client;
  readonly kind: Kind;
  /** None: all namespaces, in one watch. */
  readonly namespaces?: readonly string[];
  readonly labelSelector?: string | undefined;
  /** What is kept of an object: little, where there may be thousands. */
  readonly select: (object: ObjectOf<Kind>) => Kept;
  readonly log: Logger;
  /** Called each time that a list or watch failed or fell silent, and is started over. */
  readonly onRestart?: (kind: Kind) => void;
  readonly limits?: Partial<FollowLimits>;
}

/** A cache of one kind that follows the cluster. Reads are of memory; changes are told to listeners, whose failures are logged and change nothing. */
export interface Informer<Kept> extends ServicePart {
  /** Begins to follow, and returns at once. `synced` waits. */
  start(): void;
  stop(): Promise<void>;
  /** Returns once everything was listed. Throws when aborted. */
  synced(signal: AbortSignal): Promise<void>;
  readonly hasSynced: boolean;
  /** When the server was last heard of, of the watch that was silent longest. Undefined before all are listed. */
  lastHeardAt(): Date | undefined;
  get(key: ObjectKey): Kept | undefined;
  values(): IterableIterator<Kept>;
  entries(): IterableIterator<[ObjectKey, Kept]>;
  readonly size: number;
  /** Also told of what is there already, as added. Gives what takes the listener off. */
  onChange(listener: (change: Change<Kept>) => void): () => void;
}

export function createInformer<Kind extends AnyKind, Kept>({ client, kind, labelSelector, limits, log, namespaces = [], onRestart, select }: InformerOptions<Kind, Kept>): Informer<Kept> {
  const cache = new ObjectCache<Kind, Kept>({ kind, select, log });
  const scopes = (namespaces.length === 0 ? [undefined] : namespaces).map((namespace) => ({ namespace, heardAtMs: undefined as number | undefined }));
  const stopping = new AbortController();
  const listed = Promise.withResolvers<void>();
  let toList = scopes.length;
  let loops: readonly Promise<void>[] = [];

  const followerOf = (scope: (typeof scopes)[number]): Follower<Kind> => {
    let seen = new Set<ObjectKey>();
    return {
      onPage(items) {
        for (const item of items) {
          seen.add(keyOf(item.metadata));
          cache.put(item);
        }
      },
      onListed() {
        cache.deleteExcept(seen, scope.namespace);
        seen = new Set();
        if (scope.heardAtMs === undefined && (toList -= 1) === 0) listed.resolve();
      },
      onEvent: ({ type, object }) => (type === 'DELETED' ? cache.delete(keyOf(object.metadata)) : cache.put(object)),
      onHeard: () => void (scope.heardAtMs = Date.now()),
      onRestart() {
        // Of a list that broke off: the next one begins anew.
        seen = new Set();
        onRestart?.(kind);
      },
    };
  };

  return {
    name: `informer of ${kind}`,
    start() {
      const { signal } = stopping;
      loops = scopes.map(async (scope) => followKind({ client, kind, namespace: scope.namespace, labelSelector, follower: followerOf(scope), limits: { ...defaultFollowLimits, ...limits }, log, signal }));
    },
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
    async synced(signal) {
      const waited = new AbortController();
      await Promise.race([listed.promise, once(signal, 'abort', { signal: waited.signal })]);
      waited.abort();
      signal.throwIfAborted();
    },
    get hasSynced() {
      return toList === 0;
    },
    lastHeardAt() {
      const heard = scopes.map(({ heardAtMs }) => heardAtMs ?? 0);
      return toList === 0 ? new Date(Math.min(...heard)) : undefined;
    },
    get: (key) => cache.get(key),
    *values() {
      for (const [, kept] of cache.entries()) yield kept;
    },
    entries: () => cache.entries(),
    get size() {
      return cache.size;
    },
    onChange: (listener) => cache.listen(listener),
  };
}
