import { startBackup } from '../src/repository/backups/backup-run.ts';
import { startDryRun } from '../src/repository/backups/dry-run.ts';
import type { Compression } from '../src/repository/manifest/manifest.ts';
import type { Text } from '../src/operations/text.ts';
import type { Repository } from '../src/repository/repository.ts';
import { engineOf } from './addresses.ts';
import type { CommandContext } from './commands/command.ts';
import type { BackupContent, Engine } from './engines/engine.ts';

export interface BackupRequest {
  readonly repository: Repository;
  /** The database. */
  readonly address: string;
  /** Its name in the repository; by default the database's. */
  readonly sourceName?: string | undefined;
  readonly compression: Compression;
  readonly globals: boolean;
  readonly rolePasswords: boolean;
  /** Read everything, store nothing. */
  readonly dryRun: boolean;
}

export interface TakenBackup {
  /** Absent from a dry run. */
  readonly id?: string;
  readonly source: string;
  readonly origin: string;
  readonly stateAt: string;
  /** Bytes, unless said otherwise. `newRaw` only from a dry run, which compresses nothing; `stored`, `newStored` only otherwise. */
  readonly sizes: Readonly<Record<'raw' | 'tables' | 'rows' | 'parts' | 'newParts', number> & Partial<Record<'stored' | 'newStored' | 'newRaw', number>>>;
  readonly warnings: readonly Text[];
  /** Why it is far from the backups before it; absent where it is not. */
  readonly suspicious?: readonly Text[];
}

/** One backup of one database, from the first connection to the committed head. A failure leaves no backup. */
export async function takeBackup(context: CommandContext, request: BackupRequest): Promise<TakenBackup> {
  const engine = engineOf(context.engines, request.address);
  const source = request.sourceName ?? engine.defaultName(request.address);
  const origin = engine.describe(request.address);
  context.progress.phase('preparing');
  return request.dryRun ? readOnly(context, { engine, source, origin, request }) : readAndStore(context, { engine, source, origin, request });
}

interface Run {
  readonly engine: Engine;
  readonly source: string;
  readonly origin: string;
  readonly request: BackupRequest;
}

async function readAndStore(context: CommandContext, { engine, source, origin, request }: Run): Promise<TakenBackup> {
  const { log, signal, version } = context;
  const run = await startBackup(
    { repository: request.repository, log, now: () => new Date(), signal },
    { source, engine: engine.kind, origin, compression: request.compression, holdfastVersion: version },
  );
  try {
    log.info({ id: run.id, source, origin }, 'backup started');
    const content = await read(context, engine, request, run.sink);
    context.progress.phase('committing');
    const head = await run.commit(content);
    log.info({ id: run.id, source, sizes: head.sizes }, 'backup committed');
    return { id: head.id, source, origin, stateAt: head.stateAt, sizes: head.sizes, warnings: head.warnings, ...(head.suspicious && { suspicious: head.suspicious }) };
  } catch (error) {
    run.abandon();
    throw error;
  }
}

async function readOnly(context: CommandContext, { engine, source, origin, request }: Run): Promise<TakenBackup> {
  const run = await startDryRun({ repository: request.repository, log: context.log, signal: context.signal });
  const content = await read(context, engine, request, run.sink);
  const sizes = { ...run.totals(), tables: content.tables, rows: content.rows };
  return { source, origin, stateAt: content.stateAt.toISOString(), sizes, warnings: content.warnings };
}

function read(context: CommandContext, engine: Engine, request: BackupRequest, sink: Parameters<Engine['backup']>[1]['sink']): Promise<BackupContent> {
  const { globals, rolePasswords, address } = request;
  const { HOLDFAST_CONNECTIONS: connections, HOLDFAST_LOCK_WAIT_LIMIT: limitMs, HOLDFAST_LOCK_WAIT_ACTION: action } = context.configuration;
  return engine.backup(context, { source: address, sink, options: { connections, globals, rolePasswords, lockWait: { limitMs, action } } });
}
