import type { ServicePart } from '../operations/lifecycle/lifecycle.ts';
import type { Logger } from '../operations/logging.ts';
import type { Client } from './client.ts';
import type { AnyKind, ObjectName, ObjectOf } from './objects.ts';

/** `namespace/name`: the key of caches and queues. */
export type ObjectKey = `${string}/${string}`;

export function keyOf({ namespace = '', name }: ObjectName): ObjectKey {
  return `${namespace}/${name}`;
}

export function nameOfKey(key: ObjectKey): { readonly namespace: string; readonly name: string } {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name };
}

/** What happened to an object, as the cache sees it: a change that was missed shows as one at the next list. */
export interface Change<Kept> {
  readonly type: 'added' | 'changed' | 'deleted';
  readonly key: ObjectKey;
  /** Of a deleted one, what was kept of it last. */
  readonly object: Kept;
  /** Absent of an added one. */
  readonly previous?: Kept;
}

export interface InformerOptions<Kind extends AnyKind, Kept> {
  readonly client: Client;
  readonly kind: Kind;
  /** None: all namespaces, in one watch. */
  readonly namespaces?: readonly string[];
  readonly labelSelector?: string;
  /** What is kept of an object: little, where there may be thousands. */
  readonly select: (object: ObjectOf<Kind>) => Kept;
  readonly log: Logger;
  /** Called each time that a watch had to be started over because it failed or fell silent. */
  readonly onRestart?: (kind: Kind) => void;
  readonly limits?: Partial<InformerLimits>;
}

export interface InformerLimits {
  readonly pageSize: number;
  /** The server is asked to end each watch after this long; it starts again where it was. */
  readonly watchSeconds: number;
  /** A watch that has said nothing for so long, not even a bookmark, is taken for dead. */
  readonly staleAfterMs: number;
  /** Everything is listed anew this often, give or take a fifth: what was missed all the same is found. */
  readonly relistMs: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

/** A cache of one kind that follows the cluster. Reads are of memory; changes are told to listeners, whose failures are logged and change nothing. */
export interface Informer<Kept> extends ServicePart {
  /** Begins to follow; returns at once. `synced` waits. */
  start(): void;
  stop(): Promise<void>;
  /** Returns once everything was listed. Throws when aborted. */
  synced(signal: AbortSignal): Promise<void>;
  readonly hasSynced: boolean;
  /** When the server was last heard of, of the watch that was silent longest. Undefined before the first list. */
  lastHeardAt(): Date | undefined;
  get(key: ObjectKey): Kept | undefined;
  values(): IterableIterator<Kept>;
  entries(): IterableIterator<[ObjectKey, Kept]>;
  readonly size: number;
  /** Also told of what is there already, as added. Gives what takes the listener off. */
  onChange(listener: (change: Change<Kept>) => void): () => void;
}

export function createInformer<Kind extends AnyKind, Kept>(_options: InformerOptions<Kind, Kept>): Informer<Kept> {
  throw new Error('in progress');
}
