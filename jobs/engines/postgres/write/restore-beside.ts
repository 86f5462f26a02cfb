import type { Client } from 'pg';
import { fillText, type Text } from '../../../../src/operations/text.ts';
import type { EngineContext, RestoreRequest } from '../../engine.ts';
import { type PostgresAddress, withDatabase } from '../connect/address.ts';
import type { Environment } from '../../../../src/operations/configuration.ts';
import type { BackupStreams } from './backup-streams.ts';
import type { ClientPrograms } from '../connect/client-programs.ts';
import { createDatabaseStatement, dropDatabase, dropRestoringDatabase, lockRestoring, markRestoring } from './create-database.ts';
import { applyDatabaseComment, applyDatabaseProperties } from './database-properties.ts';
import { renameDatabases, type Renaming } from './exchange-names.ts';
import { connectMaintenance, connectorTo } from '../connect/maintenance.ts';
import { reasonOf, sqlStateOf } from '../postgres-errors.ts';
import { fillDatabase } from './restore-content.ts';
import { restoreErrors } from './restore-errors.ts';
import type { Preflight } from './restore-preflight.ts';
import { targetSessions } from './target-sessions.ts';

/** What the steps of one restore share. */
export interface Restore {
  readonly context: EngineContext;
  readonly request: RestoreRequest;
  readonly backup: BackupStreams;
  readonly address: PostgresAddress;
  readonly shown: string;
  readonly environment: Environment;
  readonly maintenance: Client;
  readonly preflight: Preflight;
  readonly programs: ClientPrograms;
  /** As in `loadTables`. */
  readonly inStoredOrder: boolean;
  /** Names that the database has meanwhile, and that the replaced one gets. */
  readonly restoring: string;
  readonly previous: string;
}

/** Time for undoing what a failed or stopped restore has done. */
const cleanupTime = 60_000;

/** SQLSTATEs with which servers refuse a locale or encoding: invalid parameter, wrong object, undefined, unsupported. */
const localeRefusals = new Set(['22023', '42809', '42704', '0A000', '42602']);

/**
 * Restores into a database of another name and gives it the target's name when all is there and checked, in one
 * transaction with the renaming of a database that it replaces. On any failure the new database is dropped and the
 * target is as it was.
 */
export async function restoreBeside(restore: Restore): Promise<{ previous?: string; warnings: Text[] }> {
  const { context, request, backup, address, shown, environment, maintenance, preflight, programs, restoring } = restore;
  const { options } = request;
  // Held until the connection ends: tells other restores that this database is no leftover.
  await lockRestoring(maintenance, restoring);
  await createDatabase(restore);
  try {
    await markRestoring(maintenance, restoring, address.database);
    const sessions = targetSessions(withDatabase(address, restoring), environment, shown);
    const filled = await fillDatabase(context, {
      backup,
      parts: request.parts,
      programs,
      sessions,
      options,
      preflight,
      inStoredOrder: restore.inStoredOrder,
    });
    const refused = await applyDatabaseProperties(maintenance, restoring, backup.details.database, options);
    const outcome = await takeName(restore);
    return { ...outcome, warnings: [...filled, ...refused, ...outcome.warnings] };
  } catch (error) {
    await dropRestoring(restore);
    throw error;
  }
}

async function createDatabase({ request, backup, maintenance, preflight, restoring, shown }: Restore): Promise<void> {
  const { database } = backup.details;
  const statement = createDatabaseStatement(restoring, database, {
    serverVersion: preflight.serverVersion,
    ...(!request.options.skipOwners && { owner: database.owner }),
  });
  try {
    await maintenance.query(statement);
  } catch (error) {
    if (!localeRefusals.has(sqlStateOf(error) ?? '')) throw error;
    throw restoreErrors.RESTORE_LOCALE_MISSING({ target: shown, reason: reasonOf(error) }, { cause: error });
  }
}

const notDropped = {
  en: 'The replaced database could not be dropped and stays as {previous}: {reason}.',
  zh: '被替换的数据库无法删除，仍以 {previous} 保留：{reason}。',
};

/** Gives the restored database its name. Until this commits, the target is untouched; afterwards it is complete. */
async function takeName(restore: Restore): Promise<{ previous?: string; warnings: Text[] }> {
  const { context, request, backup, address, shown, environment, maintenance, preflight, restoring, previous } = restore;
  const { options } = request;
  const replaces = preflight.mode === 'exchange';
  const renamings: Renaming[] = [...(replaces ? [{ from: address.database, to: previous }] : []), { from: restoring, to: address.database }];
  context.progress.phase('checking');
  const terminator = await connectMaintenance(context, address, environment);
  try {
    await renameDatabases(maintenance, renamings, {
      endSessions: options.endSessions,
      terminator,
      shown,
      finish: () => applyDatabaseComment(maintenance, address.database, backup.details.database.comment),
    });
  } finally {
    await terminator.end().catch(() => undefined);
  }
  if (!replaces) return { warnings: [] };
  if (options.swap || !options.overwrite) return { previous, warnings: [] };
  try {
    await dropDatabase(maintenance, previous);
    return { warnings: [] };
  } catch (error) {
    if (sqlStateOf(error) === undefined) throw error;
    return { previous, warnings: [fillText(notDropped, { previous, reason: reasonOf(error) })] };
  }
}

/**
 * Drops the unfinished database over a connection of its own: the restore's may be gone. Where that fails, the next
 * restore drops it: it bears the mark.
 */
async function dropRestoring({ context, address, environment, restoring }: Restore): Promise<void> {
  try {
    const signal = AbortSignal.timeout(cleanupTime);
    const maintenance = await connectMaintenance({ signal }, address, environment);
    try {
      await dropRestoringDatabase(maintenance, restoring, connectorTo({ signal }, address, environment));
    } finally {
      await maintenance.end().catch(() => undefined);
    }
  } catch (error) {
    context.log.warn({ database: restoring, err: error }, 'unfinished database not dropped');
  }
}
