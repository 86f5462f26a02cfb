import type { Text } from '../../../src/operations/text.ts';
import type { DraftSlice, PartSink } from '../../../src/repository/parts/parts.ts';
import type { BackupContent, EngineContext } from '../engine.ts';
import { readValue, toSourceError } from './read/connection.ts';
import { type PagesDetails, partBytesFor, type SqliteDetails } from './content.ts';
import { readSchema } from './read/schema.ts';
import { openSnapshot, type Snapshot } from './read/snapshot.ts';

/** Bytes of one read from the file: long enough for disks to stream, short enough that two of them are little memory. */
const readBytes = 4 * 1024 * 1024;

/**
 * Reads one consistent state of the database into parts of fixed page ranges. Nothing is left beside the source. The read
 * transaction is held until the last part is handed over, so a slow sink holds up the checkpoints of a WAL database (its log
 * grows), and the writers of any other. What a writer in journal mode OFF or MEMORY left when it died cannot be told from
 * content: such a backup is equal to its source, and its restore finds the damage.
 */
export async function backup(
  { signal, log, progress }: EngineContext,
  { source, sink, lockWaitMs }: { readonly source: string; readonly sink: PartSink; readonly lockWaitMs: number },
): Promise<BackupContent<SqliteDetails, PagesDetails>> {
  progress.phase('preparing');
  const snapshot = await openSnapshot(source, { signal, lockWaitMs });
  try {
    const details = describe(snapshot, source);
    const { pageSize, pageCount } = details;
    const bytes = pageSize * pageCount;
    const partBytes = partBytesFor(bytes);
    log.info({ pageSize, pageCount, journalMode: details.journalMode, partBytes }, 'holding a snapshot of the database');
    progress.phase('reading', bytes);
    const slices = await writePages(snapshot, bytes, partBytes, { sink, signal, advance: (done) => progress.advance(done) });
    await snapshot.verify();
    return {
      details,
      streams: [{ kind: 'pages', details: { pageSize, pageCount, partBytes }, rows: 0, bytes, slices }],
      stateAt: snapshot.stateAt,
      tables: details.tables.length,
      rows: 0,
      warnings: warningsOf(snapshot),
    };
  } finally {
    await snapshot.close();
  }
}

function describe(snapshot: Snapshot, source: string): SqliteDetails {
  const { database, header, pageCount, wal } = snapshot;
  try {
    const schema = readSchema(database);
    return {
      pageSize: header.pageSize,
      pageCount,
      encoding: String(readValue(database, 'PRAGMA encoding')),
      journalMode: wal ? 'wal' : 'rollback',
      userVersion: Number(readValue(database, 'PRAGMA user_version')),
      applicationId: Number(readValue(database, 'PRAGMA application_id')),
      sqliteVersion: header.sqliteVersion,
      schemaFingerprint: schema.fingerprint,
      tables: [...schema.tables],
    };
  } catch (error) {
    throw toSourceError(error, source);
  }
}

function warningsOf({ wal, rolledBack }: Snapshot): Text[] {
  const warnings: Text[] = [];
  if (!wal) warnings.push({ en: 'The database is in a rollback journal mode: its writers had to wait while it was read.', zh: '数据库处于回滚日志模式：读取期间写入者须等待。' });
  if (rolledBack) warnings.push({ en: 'A writer had died in a transaction; what it left in the file was undone before reading.', zh: '有写入者在事务中途退出；读取前已撤销其残留内容。' });
  return warnings;
}

interface WriteOptions {
  readonly sink: PartSink;
  readonly signal: AbortSignal;
  readonly advance: (bytes: number) => void;
}

/** One read runs ahead while the parts of the one before are hashed. */
async function writePages(snapshot: Snapshot, bytes: number, partBytes: number, { sink, signal, advance }: WriteOptions): Promise<DraftSlice[]> {
  const slices: DraftSlice[] = [];
  const step = Math.max(readBytes, partBytes);
  let ahead = readParts(snapshot, 0, Math.min(step, bytes), partBytes);
  try {
    for (let position = 0; position < bytes; position += step) {
      const parts = await ahead;
      const next = position + step;
      if (next < bytes) {
        ahead = readParts(snapshot, next, Math.min(step, bytes - next), partBytes);
        // A failure is taken up by the next turn's await, or by the one below.
        ahead.catch(() => undefined);
      }
      for (const part of parts) {
        signal.throwIfAborted();
        const { name, raw } = await sink.write(part);
        slices.push({ part: name, raw });
        advance(raw);
      }
    }
    return slices;
  } finally {
    await ahead.catch(() => undefined);
  }
}

/** Reads a stretch into one buffer a part: the sink keeps few parts of many, and each must not keep its neighbours in memory. */
async function readParts(snapshot: Snapshot, position: number, length: number, partBytes: number): Promise<Buffer[]> {
  const parts: Buffer[] = [];
  for (let start = 0; start < length; start += partBytes) {
    parts.push(Buffer.allocUnsafeSlow(Math.min(partBytes, length - start)));
  }
  await snapshot.read(parts, position);
  return parts;
}
