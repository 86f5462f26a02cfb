import type { FileHandle } from 'node:fs/promises';
import { endianness } from 'node:os';
import { checksum } from './wal-checksum.ts';
import type { WalIndex } from './wal-index.ts';

/** The newest committed version of each page that a write-ahead log holds: `pages` ascending, `frames` beside it. */
export interface WalOverlay {
  readonly pages: Uint32Array;
  /** Frame numbers, from 1. */
  readonly frames: Uint32Array;
}

const walHeaderBytes = 32;
const frameHeaderBytes = 24;
const chunkBytes = 4 * 1024 * 1024;

/** Where in the log a frame's page lies. */
export function framePosition(frame: number, pageSize: number): number {
  return walHeaderBytes + (frame - 1) * (frameHeaderBytes + pageSize) + frameHeaderBytes;
}

/**
 * Reads the log up to the index's last committed frame and returns where each page's newest version is; undefined if the
 * log is not the one that the index speaks of. The proof is the cumulative checksum: it must be the index's, which covers
 * every frame's page number and content. The log's format is at sqlite.org/fileformat2.html, section 4.
 */
export async function readOverlay(wal: FileHandle, index: WalIndex, signal: AbortSignal): Promise<WalOverlay | undefined> {
  const header = Buffer.alloc(walHeaderBytes);
  await wal.read(header, 0, walHeaderBytes, 0);
  if (!header.subarray(16, 24).equals(index.salts)) return undefined;
  const frameBytes = frameHeaderBytes + index.pageSize;
  const swapped = (header.readUInt32BE(0) === 0x377f0683) !== (endianness() === 'BE');
  let sums: [number, number] = [header.readUInt32BE(24), header.readUInt32BE(28)];
  // One 64-bit key a frame, page above frame number, so that one native sort puts the versions of a page side by side.
  const keys = new BigUint64Array(index.frames);
  const halves = new Uint32Array(keys.buffer);
  const high = endianness() === 'LE' ? 1 : 0;
  const framesAtOnce = Math.max(1, Math.floor(chunkBytes / frameBytes));
  const chunk = Buffer.from(new ArrayBuffer(framesAtOnce * frameBytes));
  const words = new Uint32Array(chunk.buffer);
  let lastCommitPages = 0;
  for (let done = 0; done < index.frames; ) {
    signal.throwIfAborted();
    const count = Math.min(framesAtOnce, index.frames - done);
    const { bytesRead } = await wal.read(chunk, 0, count * frameBytes, walHeaderBytes + done * frameBytes);
    if (bytesRead !== count * frameBytes) return undefined;
    for (let frame = 0; frame < count; frame += 1) {
      const at = frame * frameBytes;
      if (chunk.compare(index.salts, 0, 8, at + 8, at + 16) !== 0) return undefined;
      const slot = 2 * (done + frame);
      halves[slot + high] = chunk.readUInt32BE(at);
      halves[slot + 1 - high] = done + frame + 1;
      lastCommitPages = chunk.readUInt32BE(at + 4);
    }
    if (swapped) chunk.subarray(0, count * frameBytes).swap32();
    for (let frame = 0; frame < count; frame += 1) {
      const at = (frame * frameBytes) / 4;
      const [one, two] = checksum(words, at, at + 2, sums[0], sums[1]);
      sums = checksum(words, at + frameHeaderBytes / 4, at + frameBytes / 4, one, two);
    }
    done += count;
  }
  if (sums[0] !== index.checksum[0] || sums[1] !== index.checksum[1]) return undefined;
  return lastCommitPages === index.pageCount ? newestVersions(keys, halves, high) : undefined;
}

function newestVersions(keys: BigUint64Array, halves: Uint32Array, high: number): WalOverlay {
  keys.sort();
  const pages = new Uint32Array(keys.length);
  const frames = new Uint32Array(keys.length);
  let count = 0;
  for (let slot = 0; slot < halves.length; slot += 2) {
    const page = halves[slot + high] as number;
    if (slot + 2 < halves.length && halves[slot + 2 + high] === page) continue;
    pages[count] = page;
    frames[count] = halves[slot + 1 - high] as number;
    count += 1;
  }
  return { pages: pages.slice(0, count), frames: frames.slice(0, count) };
}

/** Whether the log still starts with these salts: it was not begun anew. */
export async function hasSalts(wal: FileHandle, salts: Buffer): Promise<boolean> {
  const stored = Buffer.alloc(8);
  const { bytesRead } = await wal.read(stored, 0, 8, 16);
  return bytesRead === 8 && stored.equals(salts);
}

/** The position in the overlay of the first page that is not below `page`. */
export function firstFrom(overlay: WalOverlay, page: number): number {
  let low = 0;
  let end = overlay.pages.length;
  while (low < end) {
    const middle = (low + end) >>> 1;
    if ((overlay.pages[middle] as number) < page) low = middle + 1;
    else end = middle;
  }
  return low;
}
