import type { Environment } from '../../../src/operations/configuration.ts';
import { HoldfastError } from '../../../src/operations/errors.ts';
import type { EngineContext, RestoreRequest, RestoreResult } from '../engine.ts';
import { describePostgresAddress, parsePostgresAddress } from './connect/address.ts';
import { readBackupStreams } from './write/backup-streams.ts';
import { findClientPrograms } from './connect/client-programs.ts';
import { dropLeftovers, findLeftovers } from './write/create-database.ts';
import { previousName, restoringName } from './write/database-names.ts';
import { refuseSessions } from './write/exchange-names.ts';
import { inspectTarget } from './write/inspect-target.ts';
import { connectMaintenance, connectorTo } from './connect/maintenance.ts';
import { sqlStateOf } from './postgres-errors.ts';
import { type Restore, restoreBeside } from './write/restore-beside.ts';
import { targetError } from './write/restore-errors.ts';
import { restoreInPlace } from './write/restore-in-place.ts';
import { describePlan } from './write/restore-plan.ts';
import { checkRestore } from './write/restore-preflight.ts';

export interface RestoreEnvironment {
  readonly environment: Environment;
  /** Folders of client programs, separated by `:`. */
  readonly programFolders?: string;
  /** For who compares afterwards: rows lie in the order in which the backup holds them. Costs large tables their second connection. */
  readonly inStoredOrder?: boolean;
}

/**
 * Restores a backup into a database: `engine.ts` says what callers may rely on. A database that does not exist, or is to
 * be replaced, is restored under another name, which it gives up in the last step.
 */
export async function restorePostgres(context: EngineContext, request: RestoreRequest, { environment, programFolders, inStoredOrder = false }: RestoreEnvironment): Promise<RestoreResult> {
  const { options } = request;
  const backup = readBackupStreams(request.body);
  const address = parsePostgresAddress(request.target, environment);
  const shown = describePostgresAddress(address);
  context.progress.phase('preparing');
  const state = await inspectTarget(context, address, environment);
  const lost = new AbortController();
  const running: EngineContext = { ...context, signal: AbortSignal.any([context.signal, lost.signal]) };
  const maintenance = await connectMaintenance(context, address, environment, (error) => lost.abort(targetError(error, shown)));
  try {
    const preflight = await checkRestore(maintenance, { details: backup.details, state, database: address.database, shown, options });
    const archiveVersion = Number.parseInt(backup.definitions.details.programVersion, 10);
    const programs = await findClientPrograms({
      majorVersion: Math.max(archiveVersion, Math.floor(preflight.serverVersion / 10_000)),
      environment,
      ...(programFolders !== undefined && { folders: programFolders }),
    });
    const leftovers = await findLeftovers(maintenance);
    const restoring = restoringName(address.database);
    const previous = previousName(address.database, new Date());
    const plan = describePlan({ address, preflight, backup, options, leftovers, restoring, previous });
    if (preflight.mode === 'exchange' && !options.endSessions) await refuseSessions(maintenance, address.database, shown);
    const result = { target: shown, tables: backup.tables.length, rows: backup.rows, bytes: backup.bytes, plan };
    if (options.dryRun) return { ...result, warnings: preflight.warnings };
    await dropLeftovers(maintenance, leftovers, connectorTo(context, address, environment));
    const restore: Restore = { context: running, request, backup, address, shown, environment, maintenance, preflight, programs, inStoredOrder, restoring, previous };
    const { warnings, ...outcome } = preflight.mode === 'fill' ? await restoreInPlace(restore) : await restoreBeside(restore);
    return { ...result, ...outcome, warnings: [...preflight.warnings, ...warnings] };
  } catch (error) {
    context.signal.throwIfAborted();
    if (lost.signal.aborted) throw lost.signal.reason;
    throw error instanceof HoldfastError || sqlStateOf(error) === undefined ? error : targetError(error, shown);
  } finally {
    await maintenance.end().catch(() => undefined);
  }
}
