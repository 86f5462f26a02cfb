import { z } from 'zod';
import type { ManifestBody, Stream } from '../../../src/repository/manifest/manifest.ts';
import { sqliteErrors } from './sqlite-errors.ts';

const count = z.number().int().nonnegative();

/** What a manifest of this engine says besides bytes: the contract between backup.ts, restore.ts and export.ts. */
export const SqliteDetails = z.strictObject({
  /** Bytes, 512 to 65536. */
  pageSize: count,
  pageCount: count,
  /** As SQLite names it: `UTF-8`, `UTF-16le`, `UTF-16be`. */
  encoding: z.string(),
  /** Whether the file is in WAL mode; all other journal modes are no property of the file. */
  journalMode: z.enum(['wal', 'rollback']),
  userVersion: z.number().int(),
  applicationId: z.number().int(),
  /** SQLite's version that last changed the file, as in its header: 3040001. */
  sqliteVersion: count,
  /** SHA-256 over the definitions of all objects: equal for databases of equal definition. */
  schemaFingerprint: z.string(),
  /** Names of the tables without SQLite's own. */
  tables: z.array(z.string()),
});
export type SqliteDetails = z.infer<typeof SqliteDetails>;

/**
 * The one stream of a backup, kind `pages`: the database file from its first byte to its last. Part n holds the bytes
 * from n × partBytes on. Its `rows` is 0, and so is the backup's: pages are not counted by rows, and counting them
 * by SQL would read a large database twice. A restore counts.
 */
export const PagesDetails = z.strictObject({ pageSize: count, pageCount: count, partBytes: count });
export type PagesDetails = z.infer<typeof PagesDetails>;

/** The stream and the details of a backup of this engine. Throws BACKUP_NOT_READABLE where a manifest says something else. */
export function readContent(body: ManifestBody): { details: SqliteDetails; pages: Stream } {
  const details = SqliteDetails.safeParse(body.details);
  const [pages, ...others] = body.streams;
  if (!details.success || pages === undefined || pages.kind !== 'pages' || others.length > 0) {
    throw sqliteErrors.BACKUP_NOT_READABLE({ reason: details.success ? 'streams' : 'details' }, { cause: details.error });
  }
  if (pages.bytes !== details.data.pageCount * details.data.pageSize) throw sqliteErrors.BACKUP_NOT_READABLE({ reason: 'sizes' });
  return { details: details.data, pages };
}

const smallestPart = 64 * 1024;
const largestPart = 4 * 1024 * 1024;

/**
 * Raw bytes of a part: the largest power of two up to an 8192nd of the file, 64 KiB at least, 4 MiB at most. A changed
 * row costs about one part, a file makes 16,384 parts at most until parts are at their largest, and growth moves no cut
 * but where the file's size doubles. No page is larger than the smallest part, so no page is ever cut.
 */
export function partBytesFor(fileBytes: number): number {
  const share = 2 ** Math.floor(Math.log2(Math.max(1, fileBytes / 8192)));
  return Math.min(largestPart, Math.max(smallestPart, share));
}
