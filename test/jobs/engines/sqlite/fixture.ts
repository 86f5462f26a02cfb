import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { BackupContent, EngineContext, RestoreOptions, RestoreResult } from '../../../../jobs/engines/engine.ts';
import { formatAddress } from '../../../../jobs/engines/sqlite/address.ts';
import { createSqliteEngine } from '../../../../jobs/engines/sqlite/engine.ts';
import { createLogger } from '../../../../src/operations/logging.ts';
import { bodyOf, createMemoryParts, type MemoryParts } from '../memory-parts.ts';

/** Long enough for a noisy machine to get a lock that is free now and then, short enough to wait for one that is not. */
export const engine = createSqliteEngine({ lockWaitMs: 10_000 });

export function createContext(signal: AbortSignal = new AbortController().signal): EngineContext {
  return { signal, log: createLogger({ level: 'silent', name: 'test' }), progress: { phase: () => undefined, advance: () => undefined } };
}

/** Calls `work` with a new folder and removes it afterwards. */
export async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-sqlite-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Creates or opens a database, runs SQL on it and closes it. */
export function runSql(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  try {
    database.exec(sql);
  } finally {
    database.close();
  }
}

export function query(path: string, sql: string): Record<string, unknown>[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database.prepare(sql).all().map((row) => ({ ...row }));
  } finally {
    database.close();
  }
}

export interface Taken {
  readonly content: BackupContent;
  readonly parts: MemoryParts;
}

const backupOptions = { connections: 1, globals: false, rolePasswords: false };

export async function takeBackup(path: string, parts: MemoryParts = createMemoryParts(), by = engine): Promise<Taken> {
  const content = await by.backup(createContext(), { source: formatAddress(path), sink: parts, options: backupOptions });
  return { content, parts };
}

const restoreDefaults: RestoreOptions = { dryRun: false, overwrite: false, swap: false, endSessions: false, skipOwners: false, connections: 1 };

export async function restoreTo(path: string, { content, parts }: Taken, options: Partial<RestoreOptions> = {}): Promise<RestoreResult> {
  return engine.restore(createContext(), {
    body: bodyOf('sqlite', content),
    parts,
    target: formatAddress(path),
    options: { ...restoreDefaults, ...options },
  });
}

/** All bytes of a backup in memory: what its database file is. */
export async function bytesOf({ content, parts }: Taken): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of parts.readAll(bodyOf('sqlite', content).streams.flatMap((stream) => stream.slices))) chunks.push(chunk);
  return Buffer.concat(chunks);
}
