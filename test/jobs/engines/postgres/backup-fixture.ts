import { createHash } from 'node:crypto';
import { type Logger, pino } from 'pino';
import { backupPostgres } from '../../../../jobs/engines/postgres/backup.ts';
import type { PostgresDetails, TableDetails } from '../../../../jobs/engines/postgres/content.ts';
import type { LockPolicy } from '../../../../jobs/engines/postgres/read/snapshot.ts';
import type { LockWaitPolicy } from '../../../../jobs/engines/lock-wait.ts';
import type { BackupContent, DraftStream } from '../../../../jobs/engines/engine.ts';
import type { PartSink } from '../../../../src/repository/parts/parts.ts';
import { service } from '../../../services/database.ts';
import type { MemoryParts } from '../memory-parts.ts';

/** The servers that every test of the engine runs on. */
export const servers = [
  { version: 15, url: () => service('TEST_DATABASE_URL') },
  { version: 18, url: () => service('TEST_DATABASE_18_URL') },
] as const;

export interface BackupRun {
  readonly connections?: number;
  readonly globals?: boolean;
  readonly signal?: AbortSignal;
  /** Looked into before the test's own client programs. */
  readonly programFolders?: string;
  readonly lockPolicy?: LockPolicy;
  readonly lockWait?: LockWaitPolicy;
  readonly log?: Logger;
  readonly onPhase?: (name: string) => void;
  /** Called with each part's raw bytes. */
  readonly onAdvance?: (bytes: number) => void;
}

/** Backs a database up into the sink, with the client programs of the tests. */
export async function backUp(url: string, sink: PartSink, run: BackupRun = {}): Promise<BackupContent<PostgresDetails>> {
  const folders = [run.programFolders ?? '', service('TEST_POSTGRES_BIN_15'), service('TEST_POSTGRES_BIN_18')].join(':');
  return backupPostgres(
    {
      signal: run.signal ?? new AbortController().signal,
      log: run.log ?? pino({ level: 'silent' }),
      progress: { phase: (name) => run.onPhase?.(name), advance: (bytes) => run.onAdvance?.(bytes) },
    },
    { source: url, sink, options: { connections: run.connections ?? 2, globals: run.globals ?? false, rolePasswords: false, ...(run.lockWait !== undefined && { lockWait: run.lockWait }) } },
    { environment: process.env, programFolders: folders, ...(run.lockPolicy !== undefined && { lockPolicy: run.lockPolicy }) },
  );
}

/** The stream of one table; fails where there is none. */
export function tableStream(content: BackupContent, name: string, schema = 'public'): DraftStream<TableDetails> {
  const found = content.streams.find(({ kind, details }) => kind === 'table' && (details as TableDetails).name === name && (details as TableDetails).schema === schema);
  if (found === undefined) throw new Error(`no stream of table ${schema}.${name}`);
  return found as DraftStream<TableDetails>;
}

/** The raw bytes of a stream, put together from its slices. */
export function bytesOf(stream: DraftStream, parts: MemoryParts): Buffer {
  return Buffer.concat(
    stream.slices.map(({ part, raw, offset = 0, length = raw - offset }) => {
      const stored = parts.stored.get(part);
      if (stored === undefined || stored.length !== raw) throw new Error(`part ${part} is not stored as it is listed`);
      return stored.subarray(offset, offset + length);
    }),
  );
}

/** A sink that keeps hashes only, and counts the raw bytes that it had not seen before. */
export function createCountingSink(): PartSink & { newBytes: number; bytes: number } {
  const seen = new Set<string>();
  const sink = {
    newBytes: 0,
    bytes: 0,
    async write(raw: Buffer) {
      const name = createHash('sha256').update(raw).digest('hex');
      sink.bytes += raw.length;
      if (!seen.has(name)) sink.newBytes += raw.length;
      seen.add(name);
      return { name, raw: raw.length };
    },
  };
  return sink;
}
