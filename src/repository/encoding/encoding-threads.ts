import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { hasOwnMemory } from '../free-memory.ts';
import type { Encryption } from '../keys.ts';
import type { Compression } from '../manifest/manifest.ts';
import type { PartMemory } from '../parts/part-memory.ts';
import { zstdLevel } from './part-encoding.ts';

export interface EncodingThreadOptions {
  /** zstd level, undefined for no compression. */
  readonly level: number | undefined;
  /** age recipients, one a line, undefined for no encryption. */
  readonly recipients: string | undefined;
}

/** A part on its way to a thread: its memory goes along. */
export interface EncodingTask {
  readonly raw: Uint8Array<ArrayBuffer>;
}

/** What comes back: the object, and the part's memory where the object does not lie in it. */
export interface EncodedPart {
  readonly object: Uint8Array<ArrayBuffer>;
  readonly memory?: Uint8Array<ArrayBuffer>;
}

interface Waiting {
  readonly raw: Buffer;
  readonly resolve: (object: Buffer) => void;
  readonly reject: (reason: unknown) => void;
}

const mostThreads = 4;
/** A thread's own heap holds little besides parts: a small nursery keeps what it drops from piling up. */
const resourceLimits = { maxYoungGenerationSizeMb: 4 };

/** Threads that make objects of a run's parts; undefined where parts are stored as they are. */
export function startEncodingThreads(
  { compression, encryption }: { readonly compression: Compression; readonly encryption: Encryption },
  memory: PartMemory,
): EncodingThreads | undefined {
  const level = zstdLevel(compression);
  const recipients = encryption.kind === 'none' ? undefined : encryption.keys.recipients.map(({ text }) => text).join('\n');
  return level === undefined && recipients === undefined ? undefined : new EncodingThreads({ level, recipients }, memory);
}

/**
 * Encodes parts on threads of its own, a call each: compressing in Node's thread pool makes several trips a part and
 * copies in between, which takes the processor half as long again. Threads start when there is work for them.
 */
export class EncodingThreads {
  readonly #options: EncodingThreadOptions;
  readonly #memory: PartMemory;
  readonly #count: number;
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Waiting>();
  readonly #waiting: Waiting[] = [];
  #failure: { readonly reason: unknown } | undefined;

  /** `memory` gets that of encoded parts. */
  constructor(options: EncodingThreadOptions, memory: PartMemory, count = Math.min(mostThreads, Math.max(2, availableParallelism()))) {
    this.#options = options;
    this.#memory = memory;
    this.#count = count;
  }

  /** Takes the part's memory over: `raw` is empty afterwards. Throws what encoding throws, and once closed, why. */
  async encode(raw: Buffer): Promise<Buffer> {
    if (this.#failure !== undefined) throw this.#failure.reason;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ raw, resolve, reject });
      this.#next();
    });
  }

  /** Ends the threads. Who still waits gets `reason`. */
  async close(reason: unknown): Promise<void> {
    this.#failure ??= { reason };
    const threads = [...this.#idle.splice(0), ...this.#busy.keys()];
    for (const { reject } of [...this.#busy.values(), ...this.#waiting.splice(0)]) reject(this.#failure.reason);
    this.#busy.clear();
    await Promise.all(threads.map((thread) => thread.terminate()));
  }

  #next(): void {
    while (this.#waiting.length > 0) {
      const thread = this.#idle.pop() ?? (this.#busy.size < this.#count ? this.#start() : undefined);
      if (thread === undefined) return;
      const task = this.#waiting.shift() as Waiting;
      this.#busy.set(thread, task);
      thread.ref();
      const raw = ownMemory(task.raw);
      thread.postMessage({ raw } satisfies EncodingTask, [raw.buffer]);
    }
  }

  #start(): Worker {
    const thread = new Worker(new URL('encoding-thread.ts', import.meta.url), { workerData: this.#options, resourceLimits });
    thread.on('message', ({ object, memory }: EncodedPart) => {
      if (memory !== undefined) this.#memory.give(memory);
      this.#busy.get(thread)?.resolve(Buffer.from(object.buffer, object.byteOffset, object.byteLength));
      this.#busy.delete(thread);
      if (this.#failure !== undefined) return;
      thread.unref();
      this.#idle.push(thread);
      this.#next();
    });
    thread.on('error', (error) => void this.close(error));
    return thread;
  }
}

/** Memory that can be given away: not a slice of Node's pool, which others use. */
function ownMemory(raw: Buffer): Uint8Array<ArrayBuffer> {
  return hasOwnMemory(raw) ? new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength) : Uint8Array.from(raw);
}
