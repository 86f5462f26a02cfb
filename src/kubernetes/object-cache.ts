import type { Logger } from '../operations/logging.ts';
import { keyOf, type ObjectKey } from './object-key.ts';
import type { AnyKind, ObjectOf } from './objects.ts';

/** What happened to an object, as the cache sees it: of several changes that were missed, one shows. */
export interface Change<Kept> {
  readonly type: 'added' | 'changed' | 'deleted';
  readonly key: ObjectKey;
  /** Of a deleted one, what was kept of it last. */
  readonly object: Kept;
  /** Only of a changed one. */
  readonly previous?: Kept;
}

interface Entry<Kept> {
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly kept: Kept;
}

export interface ObjectCacheOptions<Kind extends AnyKind, Kept> {
  readonly kind: Kind;
  readonly select: (object: ObjectOf<Kind>) => Kept;
  readonly log: Logger;
}

/**
 * The objects of one kind as last seen, each as little as `select` keeps. What is kept of an object stays the same one until the object changes.
 * Neither a listener nor an odd object brings it down: what throws is logged, and the others go on.
 */
export class ObjectCache<Kind extends AnyKind, Kept> {
  readonly #entries = new Map<ObjectKey, Entry<Kept>>();
  readonly #listeners = new Set<(change: Change<Kept>) => void>();
  readonly #options: ObjectCacheOptions<Kind, Kept>;

  constructor(options: ObjectCacheOptions<Kind, Kept>) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: ObjectKey): Kept | undefined {
    return this.#entries.get(key)?.kept;
  }

  *entries(): Generator<[ObjectKey, Kept], undefined> {
    for (const [key, { kept }] of this.#entries) yield [key, kept];
  }

  listen(listener: (change: Change<Kept>) => void): () => void {
    this.#listeners.add(listener);
    for (const [key, object] of this.entries()) this.#tell(listener, { type: 'added', key, object });
    return () => this.#listeners.delete(listener);
  }

  /** An object as it is now. One that was deleted and made again is told as both. */
  put(object: ObjectOf<Kind>): void {
    const { uid, resourceVersion } = object.metadata;
    const key = keyOf(object.metadata);
    const before = this.#entries.get(key);
    if (before !== undefined && before.resourceVersion === resourceVersion && before.uid === uid) return;
    const kept = this.#select(object, key);
    if (before !== undefined && (before.uid !== uid || kept === undefined)) this.delete(key);
    if (kept === undefined) return;
    const previous = this.#entries.get(key)?.kept;
    this.#entries.set(key, { uid, resourceVersion, kept: kept.value });
    this.#tellAll(previous === undefined ? { type: 'added', key, object: kept.value } : { type: 'changed', key, object: kept.value, previous });
  }

  delete(key: ObjectKey): void {
    const before = this.#entries.get(key);
    if (before === undefined) return;
    this.#entries.delete(key);
    this.#tellAll({ type: 'deleted', key, object: before.kept });
  }

  /** After a whole list: what it did not have, of those it asked for, is gone. */
  deleteExcept(seen: ReadonlySet<ObjectKey>, namespace: string | undefined): void {
    for (const key of this.#entries.keys()) {
      if (!seen.has(key) && (namespace === undefined || key.startsWith(`${namespace}/`))) this.delete(key);
    }
  }

  #select(object: ObjectOf<Kind>, key: ObjectKey): { readonly value: Kept } | undefined {
    try {
      return { value: this.#options.select(object) };
    } catch (error) {
      this.#options.log.error({ err: error, kind: this.#options.kind, object: key }, 'object is not as its kind should be: it is left out');
      return undefined;
    }
  }

  #tellAll(change: Change<Kept>): void {
    for (const listener of this.#listeners) this.#tell(listener, change);
  }

  #tell(listener: (change: Change<Kept>) => void, change: Change<Kept>): void {
    try {
      listener(change);
    } catch (error) {
      this.#options.log.error({ err: error, kind: this.#options.kind, object: change.key }, 'listener failed');
    }
  }
}
