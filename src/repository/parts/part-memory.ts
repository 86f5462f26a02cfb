import { freeMemory, hasOwnMemory } from '../free-memory.ts';
import type { MemoryOfParts } from './parts.ts';

/** Bytes that are kept for parts to come: as many as are in flight at most, since what is not in flight is here. */
const mostKept = 12 * 1024 * 1024;
/** Memory for parts comes in powers of two; what encoding made has any size, and nobody will ask for it. */
const isPowerOfTwo = (bytes: number) => (bytes & (bytes - 1)) === 0;

/**
 * Memory of parts that are stored, for those that come. What lies outside V8's heap is collected late and makes it
 * collect often: a run that allocated each part anew would spend a fifth of its time on that and hold twice the memory.
 */
export class PartMemory implements MemoryOfParts {
  readonly #kept = new Map<number, ArrayBuffer[]>();
  #bytes = 0;

  take(bytes: number): Buffer {
    const kept = this.#kept.get(bytes)?.pop();
    if (kept === undefined) return Buffer.allocUnsafeSlow(bytes);
    this.#bytes -= bytes;
    return Buffer.from(kept);
  }

  /** Takes back what nobody uses any more, and keeps it or frees it at once. Slices of Node's pool are not ours to give. */
  give(raw: Uint8Array): void {
    if (!hasOwnMemory(raw)) return;
    const { buffer } = raw;
    const bytes = buffer.byteLength;
    if (!isPowerOfTwo(bytes) || this.#bytes + bytes > mostKept) {
      freeMemory(raw);
      return;
    }
    this.#bytes += bytes;
    const ofSize = this.#kept.get(bytes);
    if (ofSize === undefined) this.#kept.set(bytes, [buffer]);
    else ofSize.push(buffer);
  }
}
