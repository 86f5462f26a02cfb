import { fillText, type Text } from '../../../../src/operations/text.ts';
import type { EngineContext } from '../../engine.ts';
import { lockRestoring, markRestoring } from './create-database.ts';
import { applyDatabaseComment } from './database-properties.ts';
import { emptyDatabase } from './empty-database.ts';
import { sqlStateOf } from '../postgres-errors.ts';
import type { Restore } from './restore-beside.ts';
import { fillDatabase } from './restore-content.ts';
import { restoreErrors } from './restore-errors.ts';
import { targetSessions, type TargetSessions, withSession } from './target-sessions.ts';

/** Time for undoing what a failed or stopped restore has done. */
const cleanupTime = 120_000;

/** SQLSTATE insufficient_privilege. */
const notPermitted = '42501';

const settingsKept = {
  en: 'The existing database keeps its own settings; the backup has {settings}.',
  zh: '现有数据库保留自身设置；备份中的设置为 {settings}。',
};

/**
 * Restores into an existing, empty database, for users who may not create one. Its owner, privileges and settings stay
 * as they are. On failure it is emptied again; a killed restore leaves its mark as the database's comment.
 */
export async function restoreInPlace(restore: Restore): Promise<{ warnings: Text[] }> {
  const { context, request, backup, address, shown, environment, maintenance, preflight, programs } = restore;
  const sessions = targetSessions(address, environment, shown);
  if (!(await lockRestoring(maintenance, address.database))) {
    throw restoreErrors.RESTORE_TARGET_IN_USE({ target: shown, sessions: 'another restore' });
  }
  const { rows } = await maintenance.query<{ comment: string | null }>(
    "SELECT pg_catalog.shobj_description(oid, 'pg_database') AS comment FROM pg_catalog.pg_database WHERE datname = $1",
    [address.database],
  );
  const isMarked = await mark(restore);
  try {
    const warnings = await fillDatabase(context, { backup, parts: request.parts, programs, sessions, options: request.options, preflight, inStoredOrder: restore.inStoredOrder });
    // Waits for the disk, and with it for everything before: also where no comment is to be changed.
    await maintenance.query("SET synchronous_commit = 'on'");
    await (isMarked ? applyDatabaseComment(maintenance, address.database, rows[0]?.comment ?? null) : maintenance.query('SELECT pg_catalog.txid_current()'));
    const { settings } = backup.details.database;
    return { warnings: settings.length === 0 ? warnings : [...warnings, fillText(settingsKept, { settings: settings.map(({ setting }) => setting).join('; ') })] };
  } catch (error) {
    await undo(restore, sessions, isMarked ? (rows[0]?.comment ?? null) : undefined);
    throw error;
  }
}

/** Only a database's owner may comment on it; without a mark a killed restore is recognised by nothing. */
async function mark({ maintenance, address }: Restore): Promise<boolean> {
  try {
    await markRestoring(maintenance, address.database, address.database);
    return true;
  } catch (error) {
    if (sqlStateOf(error) === notPermitted) return false;
    throw error;
  }
}

async function undo({ context, address }: Restore, sessions: TargetSessions, comment: string | null | undefined): Promise<void> {
  const cleanup: Pick<EngineContext, 'signal'> = { signal: AbortSignal.timeout(cleanupTime) };
  try {
    await withSession(cleanup, sessions, async (client) => {
      await emptyDatabase(client);
      if (comment !== undefined) await applyDatabaseComment(client, address.database, comment);
    });
  } catch (error) {
    context.log.warn({ database: address.database, err: error }, 'unfinished restore not undone');
  }
}
