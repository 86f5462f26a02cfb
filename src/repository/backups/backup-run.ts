import { randomInt } from 'node:crypto';
import { setTimeout as sleepFor } from 'node:timers/promises';
import type { Logger } from '../../operations/logging.ts';
import { commitBackup, type DraftContent } from './commit-backup.ts';
import { startEncodingThreads } from '../encoding/encoding-threads.ts';
import { createPartEncoding } from '../encoding/part-encoding.ts';
import { defaultGraceMs } from '../prune/grace.ts';
import { findKnownParts } from '../parts/known-parts.ts';
import { refuseReplacedRepository } from '../manifest/heads.ts';
import type { BackupId, Compression, EngineKind, ManifestHead, SourceName } from '../manifest/manifest.ts';
import { PartMemory } from '../parts/part-memory.ts';
import { createPartPuts } from '../parts/part-puts.ts';
import type { PartSink } from '../parts/parts.ts';
import { PartWriter, type PartWriterOptions } from '../parts/part-writer.ts';
import { requireWriting, type Repository } from '../repository.ts';

const randomDigits = '0123456789abcdefghijklmnopqrstuvwxyz';
const randomLength = 6;
/** Bytes of a part that is worth the way to another thread and back, and the start of one. */
const leastForThread = 64 * 1024;

export interface BackupRunDependencies {
  readonly repository: Repository;
  readonly log: Logger;
  /** Waits; tests need not. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** This machine's clock: names the backup and states when it was made. Ages are by the store's clock. */
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

export interface BackupRunOptions extends Pick<PartWriterOptions, 'maxBytesInFlight' | 'onPart'> {
  readonly source: SourceName;
  readonly engine: EngineKind;
  /** For people: which server and database, without credentials. */
  readonly origin: string;
  readonly compression: Compression;
  readonly holdfastVersion: string;
  /** The repository's grace; the same for all who use it. */
  readonly graceMs?: number;
}

/** A backup that is being made: nothing of it is visible before `commit` has returned. */
export interface BackupRun {
  readonly id: BackupId;
  /** What the engine writes to. */
  readonly sink: PartSink;
  /**
   * Waits for the parts, writes the manifest and, last, the head. Throws BACKUP_PARTS_LOST, BACKUP_RUN_EXPIRED,
   * BACKUP_CONTENT_INCONSISTENT and the store's errors: then there is no backup, and nothing to clean up.
   */
  commit(content: DraftContent): Promise<ManifestHead>;
  /** Stops storing. What is stored already waits for prune, unless a run stores the same again. */
  abandon(): void;
}

/** Starts a backup: learns which parts the repository holds. Throws REPOSITORY_RECIPIENTS_REQUIRED, REPOSITORY_REPLACED and the store's errors. */
export async function startBackup(
  { repository, log, now, signal, sleep = sleepAborted }: BackupRunDependencies,
  { source, engine, origin, compression, holdfastVersion, graceMs = defaultGraceMs, ...limits }: BackupRunOptions,
): Promise<BackupRun> {
  requireWriting(repository);
  await refuseReplacedRepository(repository, { signal });
  const stop = new AbortController();
  const stopped = AbortSignal.any([signal, stop.signal]);
  const startedAt = now();
  const startedByStore = await repository.store.now({ signal });
  const known = await findKnownParts({ repository, log, signal }, { graceMs, now: startedByStore });
  const encoding = createPartEncoding({ compression, encryption: repository.encryption });
  const memory = new PartMemory();
  const threads = startEncodingThreads({ compression, encryption: repository.encryption }, memory);
  stopped.addEventListener('abort', () => void threads?.close(stopped.reason), { once: true });
  const encode = async (raw: Buffer) => (threads === undefined || raw.length < leastForThread ? encoding.encode(raw) : threads.encode(raw));
  const store = createPartPuts({ repository, log, now, sleep, startedByStore });
  const writer = new PartWriter({ store, encoding: { ...encoding, encode }, memory, known, signal: stopped, ...limits });
  const id = newBackupId(startedAt);
  return {
    id,
    sink: writer,
    commit: async (content) => {
      const written = await writer.settle();
      await threads?.close(new Error('the backup is being committed'));
      const facts = { source, id, engine, origin, startedAt, startedByStore, compression, holdfastVersion, graceMs };
      return commitBackup({ repository, encoding, log, now, sleep, signal: stopped }, { ...facts, content, written, known });
    },
    abandon: () => stop.abort(),
  };
}

async function sleepAborted(ms: number, signal: AbortSignal): Promise<void> {
  await sleepFor(ms, undefined, { signal });
}

/** `20260116T180445Z-a1b2c3`: two runs of the same second differ in the random characters. */
export function newBackupId(startedAt: Date): BackupId {
  const time = startedAt.toISOString().replace(/[-:]|\.\d+/g, '');
  const random = Array.from({ length: randomLength }, () => randomDigits[randomInt(randomDigits.length)]);
  return `${time}-${random.join('')}`;
}
