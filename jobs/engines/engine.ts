import type { Writable } from 'node:stream';
import type { Logger } from '../../src/operations/logging.ts';
import type { Text } from '../../src/operations/text.ts';
import type { DrillCheck, DrillFinding } from '../../src/repository/drills/drill-report.ts';
import type { EngineKind, ManifestBody, Stream } from '../../src/repository/manifest/manifest.ts';
import type { DraftSlice, PartSink, PartSource } from '../../src/repository/parts/parts.ts';
import type { LockWaitPolicy } from './lock-wait.ts';
import type { PreflightReport } from './preflight.ts';

/** What every engine's work gets: when to stop, where to tell. */
export interface EngineContext {
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly progress: Progress;
}

/** How far the work is. Totals are estimates until the end. */
export interface Progress {
  /** A new phase, named for people by a text key such as `reading`, and its total in bytes where one is known. */
  phase(name: ProgressPhase, totalBytes?: number): void;
  /** Raw bytes done in this phase. */
  advance(bytes: number): void;
}

export const progressPhases = ['preparing', 'reading', 'committing', 'definitions', 'loading', 'indexes', 'refreshing', 'analyzing', 'checking', 'writing'] as const;
export type ProgressPhase = (typeof progressPhases)[number];

/** One stream as an engine hands it over: the repository completes the slices. */
export type DraftStream<Details = unknown> = Omit<Stream<Details>, 'slices'> & { readonly slices: readonly DraftSlice[] };

/** What an engine's backup gives: the manifest's content, all of whose parts it has written to the sink. */
export interface BackupContent<Details = unknown, StreamDetails = unknown> {
  readonly details: Details;
  readonly streams: readonly DraftStream<StreamDetails>[];
  /** The moment whose state the content is. */
  readonly stateAt: Date;
  readonly tables: number;
  readonly rows: number;
  /** What the reader of the backup should know, one sentence each. */
  readonly warnings: readonly Text[];
}

export interface RestoreRequest {
  readonly body: ManifestBody;
  readonly parts: PartSource;
  /** Address of the target: `postgres://…/database` or `sqlite:///path`. */
  readonly target: string;
  readonly options: RestoreOptions;
}

export interface RestoreOptions {
  /** Print and return the plan, change nothing. */
  readonly dryRun: boolean;
  /** Permission to replace a target that exists. The caller has taken the safety backup. */
  readonly overwrite: boolean;
  /** Restore beside the target and exchange the names; the previous content stays under another name. */
  readonly swap: boolean;
  /** End other sessions on the target where an exchange of names needs it. */
  readonly endSessions: boolean;
  /** Restore without the original owners and grants: everything belongs to who restores. */
  readonly skipOwners: boolean;
  readonly connections: number;
}

export interface RestoreResult {
  /** Where the restored content is, without credentials. */
  readonly target: string;
  /** Where the target's previous content is now, where it was exchanged. */
  readonly previous?: string;
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
  /** The steps as they were (or with dryRun would be) done, for people. */
  readonly plan: readonly Text[];
  readonly warnings: readonly Text[];
}

export interface DrillRequest {
  readonly body: ManifestBody;
  readonly parts: PartSource;
  /** The user's SQL assertions: the text of their file. Each statement must give no row, or one row of one true value. */
  readonly assertions?: string;
  /** Folder in which the throw-away database lives. Everything that the drill puts there is gone afterwards. */
  readonly scratch: string;
  readonly connections: number;
}

/** What was compared and what differed. No finding: the backup restores to exactly what was read. */
export interface DrillResult {
  readonly checks: readonly DrillCheck[];
  /** The first hundred at most; the checks count all. */
  readonly findings: readonly DrillFinding[];
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
  /** Milliseconds: of the restore alone (what a real one would take here), and of the comparisons. */
  readonly restoreMs: number;
  readonly checkMs: number;
  /** The program that it was restored into: `PostgreSQL 17.4`, `SQLite 3.50.4`. */
  readonly restoredInto: string;
  readonly warnings: readonly Text[];
}

/** Knows how to read and write one kind of source. Implementations: postgres/, sqlite/. */
export interface Engine {
  readonly kind: EngineKind;
  /** Source's address without credentials: what messages and manifests show. */
  describe(address: string): string;
  /** A default for the source's name in the repository: the database's or file's name in the form of SourceName. */
  defaultName(address: string): string;
  /** Address of a new database beside the source that a restore of this backup goes to when no target is given. */
  besideSource(source: string, backupId: string): string;
  /** Reads one consistent state of the source into parts. Throws sourceErrors; what it wrote until then is unlisted. */
  backup(context: EngineContext, request: { readonly source: string; readonly sink: PartSink; readonly options: BackupOptions }): Promise<BackupContent>;
  /**
   * Everything that stands in the way of a good backup of the source, or of its restore. Changes nothing, but may read much. Throws
   * sourceErrors where the source cannot be looked at.
   */
  preflight(context: EngineContext, source: string): Promise<PreflightReport>;
  /** Whether the target exists and holds anything that a restore would replace. */
  inspectTarget(context: EngineContext, target: string): Promise<'absent' | 'empty' | 'occupied'>;
  /**
   * Restores into the target. Without `overwrite` or `swap` only into an absent or empty one (RESTORE_TARGET_OCCUPIED).
   * A failed restore leaves the target as it was. Returns only when every row and byte is there and checked.
   */
  restore(context: EngineContext, request: RestoreRequest): Promise<RestoreResult>;
  /**
   * Restores into a throw-away database in `scratch` and compares everything with what the backup promises. Errors of the
   * category `integrity` mean that the backup cannot be restored as promised; all others that the drill could not run.
   */
  drill(context: EngineContext, request: DrillRequest): Promise<DrillResult>;
  /** Writes the backup as the plain file that psql or sqlite3 reads. */
  export(context: EngineContext, request: { readonly body: ManifestBody; readonly parts: PartSource; readonly output: Writable }): Promise<void>;
}

export interface BackupOptions {
  readonly connections: number;
  /** PostgreSQL: roles and tablespaces too (pg_dumpall). */
  readonly globals: boolean;
  /** PostgreSQL: the roles' password hashes with them. */
  readonly rolePasswords: boolean;
  /** PostgreSQL: who may wait behind the backup's locks, and for how long; default: `defaultLockWait`. */
  readonly lockWait?: LockWaitPolicy;
}
