import { constants, zstdCompress, zstdCompressSync, zstdDecompress } from 'node:zlib';
import { codeOf } from '../../operations/errors.ts';
import { encodingErrors } from './encoding-errors.ts';

const magic = 0xfd2fb528;
const runBlock = 1;
const reservedBlock = 3;
/**
 * Node fetches output in pieces of `chunkSize`. With room for the whole frame zstd works in one pass, from the content straight
 * into the frame; larger ones would only take memory.
 */
const largestChunk = 4 * 1024 * 1024;
const smallestChunk = 64 * 1024;

/** Compresses to one zstd frame that states its content's size and checksum, on the thread pool. */
export async function compress(raw: Uint8Array, level: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    zstdCompress(raw, compressOptions(raw, level), (error, frame) => (error ? reject(error) : resolve(frame)));
  });
}

/** The same on this thread. */
export function compressSync(raw: Uint8Array, level: number): Buffer {
  return zstdCompressSync(raw, compressOptions(raw, level));
}

function compressOptions(raw: Uint8Array, level: number) {
  return {
    chunkSize: Math.min(largestChunk, Math.max(smallestChunk, compressBound(raw.length))),
    pledgedSrcSize: raw.length,
    params: { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 },
  };
}

/** The largest frame that zstd makes of so many bytes (ZSTD_COMPRESSBOUND), and a checksum. */
function compressBound(bytes: number): number {
  const margin = 128 * 1024;
  return bytes + (bytes >>> 8) + (bytes < margin ? (margin - bytes) >>> 11 : 0) + 4;
}

/**
 * The content of what `compress` gave, on the thread pool. Throws OBJECT_CORRUPT, which names `object`, unless `stored` is
 * one whole frame, with nothing after it, whose content has exactly `raw` bytes, or at most `maxRaw` where that is not known.
 */
export async function decompress(
  stored: Buffer,
  { object, ...size }: { readonly object: string } & ({ readonly raw: number } | { readonly maxRaw: number }),
): Promise<Buffer> {
  const corrupt = (reason: string, cause?: unknown) => encodingErrors.OBJECT_CORRUPT({ object, reason }, { cause });
  // Node may stop silently after a first frame and may go on to a second: so the frame's extent is measured here.
  const frame = measureFrame(stored);
  if (frame === undefined) throw corrupt('it is not one whole zstd frame of known size');
  if (frame.length !== stored.length) throw corrupt(`${stored.length - frame.length} bytes follow its zstd frame`);
  const { raw } = frame;
  if ('raw' in size ? raw !== size.raw : raw > size.maxRaw) {
    throw corrupt(`it holds ${raw} bytes instead of ${'raw' in size ? size.raw : `at most ${size.maxRaw}`}`);
  }
  const content = await new Promise<Buffer>((resolve, reject) => {
    const options = { chunkSize: raw + smallestChunk, maxOutputLength: Math.max(1, raw) };
    zstdDecompress(stored, options, (error, output) => (error ? reject(error) : resolve(output)));
  }).catch((error: unknown) => {
    throw corrupt(`its zstd frame does not decompress (${codeOf(error)})`, error);
  });
  if (content.length !== raw) throw corrupt(`it holds ${content.length} bytes instead of ${raw}`);
  return content;
}

/** Walks a frame's headers (RFC 8878 §3.1.1): its length in the file and the size of its content. */
function measureFrame(stored: Buffer): { length: number; raw: number } | undefined {
  if (stored.length < 6 || stored.readUInt32LE(0) !== magic) return undefined;
  const descriptor = stored.readUInt8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >>> 6] ?? 0;
  const sizeAt = 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes;
  let offset = sizeAt + sizeBytes;
  if (sizeBytes === 0 || offset > stored.length) return undefined;
  const raw = readContentSize(stored, sizeAt, sizeBytes);
  for (let isLast = false; !isLast; ) {
    if (offset + 3 > stored.length) return undefined;
    const header = stored.readUIntLE(offset, 3);
    const type = (header >>> 1) & 3;
    if (type === reservedBlock) return undefined;
    offset += 3 + (type === runBlock ? 1 : header >>> 3);
    isLast = (header & 1) === 1;
  }
  if ((descriptor & 4) !== 0) offset += 4; // The content's checksum.
  return offset > stored.length || raw > Number.MAX_SAFE_INTEGER ? undefined : { length: offset, raw };
}

function readContentSize(stored: Buffer, offset: number, bytes: number): number {
  if (bytes === 8) return Number(stored.readBigUInt64LE(offset));
  return stored.readUIntLE(offset, bytes) + (bytes === 2 ? 256 : 0);
}
