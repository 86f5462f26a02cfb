import { hasOwnMemory } from '../free-memory.ts';
import { type PartEncoding, partKey } from '../encoding/part-encoding.ts';
import type { PartEncodingName } from '../manifest/manifest.ts';
import { PartMemory } from './part-memory.ts';
import type { PartSink, WrittenPart } from './parts.ts';
import type { Store } from '../stores/store.ts';

/** A part as it lies in the store. */
export interface StoredPart {
  /** Bytes of its object. */
  readonly stored: number;
  readonly encoding: PartEncodingName;
}

export interface PartWriterOptions {
  readonly store: Pick<Store, 'put'>;
  readonly encoding: Pick<PartEncoding, 'encoding' | 'name' | 'encode'>;
  /** Parts that the store holds, by name: these are not stored again. */
  readonly known: Pick<ReadonlyMap<string, StoredPart>, 'get'>;
  readonly signal: AbortSignal;
  /** Where parts lie until they are stored. */
  readonly memory?: PartMemory;
  /** Bytes of parts that wait, are encoded or are being stored at once. One larger part may be in flight alone. */
  readonly maxBytesInFlight?: number;
  /** Called once for each distinct part, when it is known to be stored. */
  readonly onPart?: (part: { readonly raw: number; readonly stored: number; readonly isNew: boolean }) => void;
}

/** Everything that a run has written. */
export interface WrittenParts {
  /** Every distinct part by its name. */
  readonly parts: ReadonlyMap<string, StoredPart>;
  readonly totals: {
    /** Raw bytes written; content that was written twice counts twice. */
    readonly raw: number;
    /** Distinct parts and the bytes of their objects. */
    readonly parts: number;
    readonly stored: number;
    /** Those of them that this run has put into the store. */
    readonly newParts: number;
    readonly newStored: number;
  };
}

interface Waiting {
  readonly bytes: number;
  readonly admit: () => void;
  readonly refuse: (reason: unknown) => void;
}

const defaultBytesInFlight = 12 * 1024 * 1024;
/** Objects that are put at once: more are no faster, and each takes memory of the store's. */
const putsAtOnce = 8;

/** Stores a run's parts, each content once. The first failure ends all: `write` and `settle` throw it from then on. */
export class PartWriter implements PartSink {
  readonly #options: PartWriterOptions;
  readonly memory: PartMemory;
  readonly #controller = new AbortController();
  readonly #room: Admission;
  readonly #puts = new Admission(putsAtOnce);
  readonly #parts = new Map<string, StoredPart | undefined>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #totals = { raw: 0, parts: 0, stored: 0, newParts: 0, newStored: 0 };
  readonly #onAbort = () => this.#fail(this.#options.signal.reason);
  #failure: { readonly reason: unknown } | undefined;

  constructor(options: PartWriterOptions) {
    this.#options = options;
    this.memory = options.memory ?? new PartMemory();
    this.#room = new Admission(options.maxBytesInFlight ?? defaultBytesInFlight);
    options.signal.addEventListener('abort', this.#onAbort, { once: true });
    if (options.signal.aborted) this.#onAbort();
  }

  async write(raw: Buffer): Promise<WrittenPart> {
    this.#throwFailure();
    const name = this.#options.encoding.name(raw);
    const part = { name, raw: raw.length };
    this.#totals.raw += raw.length;
    if (this.#parts.has(name)) {
      this.memory.give(raw);
      return part;
    }
    const known = this.#options.known.get(name);
    // Taken before the first wait: a second write of this content, even one at the same time, finds it taken.
    this.#parts.set(name, known);
    if (known !== undefined) {
      this.#count(raw.length, known, false);
      this.memory.give(raw);
      return part;
    }
    // A part may fill less than half of the memory that was taken for it.
    const held = hasOwnMemory(raw) ? raw.buffer.byteLength : raw.length;
    await this.#room.enter(held);
    // Only the encoding gets to see the raw bytes: what waits for the store below must not keep them alive.
    const task = this.#store(part, held, this.#encode(raw)).catch((error: unknown) => this.#fail(error));
    this.#tasks.add(task);
    void task.finally(() => this.#tasks.delete(task));
    return part;
  }

  /** Waits until every part written so far is stored; call it once, after the last `write`. Throws the first failure. */
  async settle(): Promise<WrittenParts> {
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    this.#throwFailure();
    return { parts: this.#parts as ReadonlyMap<string, StoredPart>, totals: { ...this.#totals } };
  }

  async #store({ name, raw }: WrittenPart, memory: number, encoded: Promise<Buffer>): Promise<void> {
    const { encoding } = this.#options;
    let held = memory;
    try {
      const object = await encoded;
      // From here on only the object is held; an incompressible part's is a little larger than the part.
      this.#room.leave(held - object.length);
      held = object.length;
      await this.#put(partKey(name, encoding.encoding), object);
      const part = { stored: object.length, encoding: encoding.encoding };
      this.#parts.set(name, part);
      this.#count(raw, part, true);
      this.memory.give(object);
    } finally {
      this.#room.leave(held);
    }
  }

  async #put(key: string, object: Buffer): Promise<void> {
    await this.#puts.enter(1);
    try {
      this.#throwFailure();
      await this.#options.store.put(key, object, { signal: this.#controller.signal });
    } finally {
      this.#puts.leave(1);
    }
  }

  async #encode(raw: Buffer): Promise<Buffer> {
    const object = await this.#options.encoding.encode(raw);
    // Without compression and encryption the object is the raw part itself.
    if (object.buffer !== raw.buffer) this.memory.give(raw);
    return object;
  }

  #count(raw: number, { stored }: StoredPart, isNew: boolean): void {
    this.#totals.parts += 1;
    this.#totals.stored += stored;
    if (isNew) {
      this.#totals.newParts += 1;
      this.#totals.newStored += stored;
    }
    this.#options.onPart?.({ raw, stored, isNew });
  }

  #fail(reason: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { reason };
    this.#controller.abort(reason);
    this.#room.close(reason);
    this.#puts.close(reason);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.reason;
  }
}

/** Lets in, first come first served, what fits under a bound; what alone exceeds it enters when nothing else is in. */
class Admission {
  readonly #limit: number;
  readonly #waiting: Waiting[] = [];
  #used = 0;
  #closed: { readonly reason: unknown } | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  async enter(bytes: number): Promise<void> {
    if (this.#closed !== undefined) throw this.#closed.reason;
    if (this.#waiting.length === 0 && this.#fits(bytes)) {
      this.#used += bytes;
      return;
    }
    await new Promise<void>((admit, refuse) => this.#waiting.push({ bytes, admit, refuse }));
  }

  leave(bytes: number): void {
    this.#used -= bytes;
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#used += next.bytes;
      next.admit();
    }
  }

  /** Refuses who waits and who comes. */
  close(reason: unknown): void {
    this.#closed = { reason };
    for (const { refuse } of this.#waiting.splice(0)) refuse(reason);
  }

  #fits(bytes: number): boolean {
    return this.#used === 0 || this.#used + bytes <= this.#limit;
  }
}
