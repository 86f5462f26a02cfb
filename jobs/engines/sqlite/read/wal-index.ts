import { readSync } from 'node:fs';
import { endianness } from 'node:os';
import { checksum } from './wal-checksum.ts';

/**
 * What the `-shm` file says of the write-ahead log (sqlite.org/walformat.html, section 2): a header of 48 bytes, twice, in the
 * machine's byte order; then at 96 the number of frames that were copied back into the database file.
 */
export interface WalIndex {
  /** The header as it lies in the file: equal bytes mean that no transaction was committed in between (it counts them). */
  readonly header: Buffer;
  readonly pageSize: number;
  /** Pages of the database, where frames is not 0. */
  readonly pageCount: number;
  /** Committed frames of the log. */
  readonly frames: number;
  /** Frames copied back into the database file. */
  readonly backfilled: number;
  /** The log's salts, as they lie in the log's header and in each of its frames. */
  readonly salts: Buffer;
  /** Checksum of the last committed frame, over all frames up to it. */
  readonly checksum: readonly [number, number];
}

const copyBytes = 48;
const formatVersion = 3_007_000;

const readWord = (buffer: Buffer, offset: number): number =>
  endianness() === 'LE' ? buffer.readUInt32LE(offset) : buffer.readUInt32BE(offset);

/**
 * Reads the index from an open `-shm` file; undefined while a writer changes it. `backfilled` is read *before* the
 * header: see `beginWalSnapshot` for why that order matters.
 */
export function readWalIndex(file: number): WalIndex | undefined {
  const info = Buffer.alloc(4);
  const copies = Buffer.alloc(2 * copyBytes);
  if (readSync(file, info, 0, 4, 2 * copyBytes) !== 4) return undefined;
  if (readSync(file, copies, 0, copies.length, 0) !== copies.length) return undefined;
  const header = copies.subarray(0, copyBytes);
  if (!header.equals(copies.subarray(copyBytes))) return undefined;
  const isInitialized = header[12] === 1;
  if (!isInitialized || readWord(header, 0) !== formatVersion) return undefined;
  const [first, second] = checksum(new Uint32Array(new Uint8Array(header.subarray(0, 40)).buffer), 0, 10, 0, 0);
  if (first !== readWord(header, 40) || second !== readWord(header, 44)) return undefined;
  const storedPageSize = endianness() === 'LE' ? header.readUInt16LE(14) : header.readUInt16BE(14);
  return {
    header,
    pageSize: storedPageSize === 1 ? 65_536 : storedPageSize,
    pageCount: readWord(header, 20),
    frames: readWord(header, 16),
    backfilled: readWord(info, 0),
    salts: header.subarray(32, 40),
    checksum: [readWord(header, 24), readWord(header, 28)],
  };
}
