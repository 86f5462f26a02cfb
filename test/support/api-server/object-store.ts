import { EventEmitter } from 'node:events';
import type { ApiObject } from './api-object.ts';
import { expired } from './refusal.ts';

export interface Change {
  readonly revision: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: ApiObject;
  /** What it was before: a selector may have matched that only. */
  readonly previous: ApiObject | undefined;
}

const every = Symbol('every key');

/** Objects by key, with one counter of revisions and the changes since the last compaction: what etcd is to a real server. */
export class ObjectStore {
  readonly #objects = new Map<string, Map<string, ApiObject>>();
  readonly #changes = new Map<string, Change[]>();
  readonly #listeners = new EventEmitter().setMaxListeners(0);
  readonly #uids = new Set<string>();
  #revision = 1;
  #compacted = 0;

  get revision(): number { return this.#revision; }

  get(key: string, id: string): ApiObject | undefined { return this.#objects.get(key)?.get(id); }

  /** In the order of `<namespace>/<name>`, as lists are. */
  all(key: string): ApiObject[] {
    return [...(this.#objects.get(key) ?? [])].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, object]) => object);
  }

  hasUid(uid: string): boolean { return this.#uids.has(uid); }

  /** Objects of all kinds. */
  everything(): ApiObject[] {
    return [...this.#objects.values()].flatMap((objects) => [...objects.values()]);
  }

  put(key: string, object: ApiObject): ApiObject {
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#revision) } };
    const objects = this.#objects.get(key) ?? new Map<string, ApiObject>();
    this.#objects.set(key, objects);
    const previous = objects.get(idOf(stored));
    objects.set(idOf(stored), stored);
    this.#uids.add(stored.metadata.uid ?? '');
    this.#record(key, { revision: this.#revision, type: previous === undefined ? 'ADDED' : 'MODIFIED', object: stored, previous });
    return stored;
  }

  remove(key: string, object: ApiObject): ApiObject {
    const removed = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#revision) } };
    this.#objects.get(key)?.delete(idOf(object));
    this.#uids.delete(object.metadata.uid ?? '');
    this.#record(key, { revision: this.#revision, type: 'DELETED', object: removed, previous: object });
    return removed;
  }

  /** The changes after `revision`; refused (410) when they are no longer known. */
  since(key: string, revision: number): readonly Change[] {
    this.assertKnown(revision);
    return (this.#changes.get(key) ?? []).filter((change) => change.revision > revision);
  }

  assertKnown(revision: number): void {
    if (revision < this.#compacted) throw expired(`too old resource version: ${revision} (${this.#compacted})`);
  }

  listen(key: string, listener: (change: Change) => void): () => void {
    this.#listeners.on(key, listener);
    return () => { this.#listeners.off(key, listener); };
  }

  listenToAll(listener: (key: string, change: Change) => void): () => void {
    this.#listeners.on(every, listener);
    return () => { this.#listeners.off(every, listener); };
  }

  /** Forgets every change so far: who asks for an earlier revision starts over. */
  compact(): void {
    this.#compacted = ++this.#revision;
    this.#changes.clear();
  }

  #record(key: string, change: Change): void {
    const changes = this.#changes.get(key) ?? [];
    changes.push(change);
    this.#changes.set(key, changes);
    this.#listeners.emit(key, change);
    this.#listeners.emit(every, key, change);
  }
}

export function idOf({ metadata: { namespace = '', name = '' } }: ApiObject): string {
  return `${namespace}/${name}`;
}
