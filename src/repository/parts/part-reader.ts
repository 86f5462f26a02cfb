import { HoldfastError } from '../../operations/errors.ts';
import { encodingErrors } from '../encoding/encoding-errors.ts';
import { partKey, type PartEncoding } from '../encoding/part-encoding.ts';
import type { PartSlice } from '../manifest/manifest.ts';
import type { PartSource } from './parts.ts';
import type { Store } from '../stores/store.ts';

export interface PartReaderOptions {
  readonly store: Pick<Store, 'get'>;
  readonly encoding: PartEncoding;
  readonly signal: AbortSignal;
  /** Raw bytes that each `readAll` fetches before they are asked for; one larger part may be fetched alone. */
  readonly maxBytesAhead?: number;
  /** Parts that each `readAll` fetches at once. */
  readonly concurrency?: number;
  /** Raw bytes of shared parts that are kept for their other slices. */
  readonly maxBytesKept?: number;
}

const defaultBytesAhead = 12 * 1024 * 1024;
const defaultConcurrency = 8;
const defaultBytesKept = 32 * 1024 * 1024;

/**
 * Reads parts back and proves each: encryption, compression, raw size, and that its name is its
 * content's hash. Throws OBJECT_CORRUPT, PART_MISSING, DECRYPTION_REFUSED, all naming the object, and the store's errors.
 */
export function createPartReader(options: PartReaderOptions): PartSource {
  const shared = new SharedParts(options.maxBytesKept ?? defaultBytesKept);
  const readPart = async (slice: PartSlice) => fetchPart(options, slice);

  async function read(slice: PartSlice): Promise<Buffer> {
    options.signal.throwIfAborted();
    const { offset = 0, length = slice.raw - offset } = slice;
    if (length < 0 || offset + length > slice.raw) {
      const reason = `a slice of it (${offset}+${length}) lies outside its ${slice.raw} bytes`;
      throw encodingErrors.OBJECT_CORRUPT({ object: keyOf(slice), reason });
    }
    if (length === slice.raw) return readPart(slice);
    const part = await shared.get(slice, readPart);
    return part.subarray(offset, offset + length);
  }

  async function* readAll(slices: readonly PartSlice[]): AsyncGenerator<Buffer> {
    const limits = { bytes: options.maxBytesAhead ?? defaultBytesAhead, count: options.concurrency ?? defaultConcurrency };
    const ahead: { content: Promise<Buffer>; raw: number }[] = [];
    let bytesAhead = 0;
    let next = 0;
    for (;;) {
      for (let slice = slices[next]; slice !== undefined; slice = slices[next]) {
        if (ahead.length > 0 && (ahead.length >= limits.count || bytesAhead + slice.raw > limits.bytes)) break;
        const content = read(slice);
        content.catch(() => undefined); // Thrown below when its turn comes; the consumer may stop before that.
        ahead.push({ content, raw: slice.raw });
        bytesAhead += slice.raw;
        next += 1;
      }
      const first = ahead.shift();
      if (first === undefined) return;
      yield await first.content;
      bytesAhead -= first.raw;
    }
  }

  return { read, readAll, nameOf: (raw) => options.encoding.name(raw) };
}

async function fetchPart({ store, encoding, signal }: PartReaderOptions, slice: PartSlice): Promise<Buffer> {
  const object = keyOf(slice);
  const corrupt = (reason: string) => encodingErrors.OBJECT_CORRUPT({ object, reason });
  const stored = await store.get(object, { signal }).catch((error: unknown) => {
    if (error instanceof HoldfastError && error.code === 'STORE_OBJECT_MISSING') throw encodingErrors.PART_MISSING({ object }, { cause: error });
    throw error;
  });
  // Its length is no test: a run beside this one may have stored the same content with another compression level since.
  const raw = await encoding.decode(stored, { object, encoding: slice.encoding, raw: slice.raw });
  if (encoding.name(raw) !== slice.part) throw corrupt('its content is not what its name is the hash of');
  return raw;
}

function keyOf(slice: PartSlice): string {
  return partKey(slice.part, slice.encoding);
}

/** Parts that several slices share (small tables), the most recently used ones within a bound of raw bytes. */
class SharedParts {
  readonly #limit: number;
  readonly #parts = new Map<string, { content: Promise<Buffer>; raw: number }>();
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  async get(slice: PartSlice, fetch: (slice: PartSlice) => Promise<Buffer>): Promise<Buffer> {
    const key = `${keyOf(slice)} ${slice.raw} ${slice.stored}`;
    const kept = this.#parts.get(key) ?? { content: fetch(slice), raw: slice.raw };
    if (this.#parts.delete(key)) this.#bytes -= kept.raw;
    else kept.content.catch(() => this.#drop(key));
    this.#parts.set(key, kept);
    this.#bytes += kept.raw;
    for (const oldest of this.#parts.keys()) {
      if (this.#bytes <= this.#limit || oldest === key) break;
      this.#drop(oldest);
    }
    return kept.content;
  }

  #drop(key: string): void {
    this.#bytes -= this.#parts.get(key)?.raw ?? 0;
    this.#parts.delete(key);
  }
}
