/** Bytes of the header that every SQLite file starts with (sqlite.org/fileformat2.html, section 1.3). */
export const headerBytes = 100;

const magic = Buffer.from('SQLite format 3\0', 'latin1');

export interface DatabaseHeader {
  readonly pageSize: number;
  /** Whether readers and writers of the file use a write-ahead log. */
  readonly wal: boolean;
  /** SQLite's version that last changed the file: 3040001. */
  readonly sqliteVersion: number;
}

/** Reads the header, or says what is wrong with it. */
export function parseHeader(bytes: Buffer): DatabaseHeader | { readonly wrong: string } {
  if (bytes.length === 0) return { wrong: 'the file is empty' };
  if (bytes.length < headerBytes || !bytes.subarray(0, magic.length).equals(magic)) {
    return { wrong: 'it does not start as an SQLite file does' };
  }
  const stored = bytes.readUInt16BE(16);
  const pageSize = stored === 1 ? 65_536 : stored;
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0) return { wrong: `its header tells a page size of ${pageSize}` };
  return { pageSize, wal: bytes[18] === 2 || bytes[19] === 2, sqliteVersion: bytes.readUInt32BE(96) };
}

/**
 * The page that holds the byte at 1 GiB, on which SQLite takes its locks: it is never used, never in a WAL, and may be
 * a hole or lie past the end of the file. Pages count from 1.
 */
export function lockBytePage(pageSize: number): number {
  return 0x4000_0000 / pageSize + 1;
}
