import type { PartSlice } from '../manifest/manifest.ts';

/** What an engine writes a backup's content to. Several streams may write at once. */
export interface PartSink {
  /**
   * Takes over one raw part and the memory that it lies in (the caller never touches either again: it may be gone), names
   * it by its hash, and encodes and stores it in the background unless the repository holds it already. Waits while too many bytes are in flight: a reader that
   * awaits this has bounded memory. Throws what an earlier part's storing threw.
   */
  write(raw: Buffer): Promise<WrittenPart>;
  /** Where to take the memory of parts from. A sink without it takes any memory. */
  readonly memory?: MemoryOfParts;
}

/** Memory that is used again: what is taken is given to `write` (its beginning, at least), or back. */
export interface MemoryOfParts {
  /** Memory of exactly so many bytes, its content undefined. */
  take(bytes: number): Buffer;
  give(memory: Uint8Array): void;
}

/** A part as an engine refers to it. `stored` is known once the sink is settled: build slices from it after `write`. */
export interface WrittenPart {
  /** 64 hex digits. */
  readonly name: string;
  /** Raw bytes. */
  readonly raw: number;
}

/** What an engine reads a backup's content from: decrypted, decompressed and checked against the part's name. */
export interface PartSource {
  /** The raw bytes of one slice. Throws integrity errors that name the object. */
  read(slice: PartSlice): Promise<Buffer>;
  /** The slices' bytes in order, read ahead within bounded memory. */
  readAll(slices: readonly PartSlice[]): AsyncIterable<Buffer>;
  /** The name that a part of this content has: who has content from elsewhere compares it by this, without reading the part. */
  nameOf(raw: Buffer): string;
}

/** A slice as the engine knows it while the backup runs; the repository adds how the part is stored when it writes the manifest. */
export type DraftSlice = Omit<PartSlice, 'stored' | 'encoding'>;
