const average = 512 * 1024;
const smallest = average / 4;
const largest = average * 4;
/** The upper bits of the rolling hash see the last 32 bytes; one in `average` positions has them all zero. */
const mask = ~(2 ** (32 - Math.log2(average)) - 1) | 0;

/** A fixed table of 256 pseudo-random words: what a byte adds to the rolling hash. Parts depend on it for ever. */
const gear = Int32Array.from({ length: 256 }, (_, byte) => {
  let word = Math.imul(byte + 1, 0x9e3779b1);
  word = Math.imul(word ^ (word >>> 15), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return word ^ (word >>> 16);
});

/**
 * Cuts bytes without structure into parts by their content (a gear hash): equal stretches give equal parts wherever
 * they lie. Parts are 512 KiB on average, a quarter to four times that.
 */
export class ByteCutter {
  /** Finished parts in order; the owner takes them away. */
  readonly parts: Buffer[] = [];
  #buffer: Buffer = Buffer.allocUnsafeSlow(largest);
  #size = 0;
  #hash = 0;

  write(chunk: Buffer): void {
    let start = 0;
    while (start < chunk.length) {
      const end = this.#findCut(chunk, start);
      chunk.copy(this.#buffer, this.#size, start, Math.abs(end));
      this.#size += Math.abs(end) - start;
      if (end > 0) this.flush();
      start = Math.abs(end);
    }
  }

  /** Finishes the open part, if it holds anything. */
  flush(): void {
    if (this.#size === 0) return;
    this.parts.push(Buffer.from(this.#buffer.subarray(0, this.#size)));
    this.#size = 0;
    this.#hash = 0;
  }

  /** Where the open part ends in the chunk: negative when it goes on behind it. */
  #findCut(chunk: Buffer, start: number): number {
    const last = Math.min(chunk.length, start + largest - this.#size);
    const first = Math.min(last, start + Math.max(0, smallest - this.#size));
    let hash = this.#hash;
    for (let index = first; index < last; index += 1) {
      hash = (hash << 1) + (gear[chunk[index] as number] as number);
      if ((hash & mask) === 0) return index + 1;
    }
    this.#hash = hash | 0;
    return this.#size + last - start === largest ? last : -last;
  }
}
