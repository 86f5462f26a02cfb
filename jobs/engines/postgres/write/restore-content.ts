import type { Text } from '../../../../src/operations/text.ts';
import type { PartSource } from '../../../../src/repository/parts/parts.ts';
import type { EngineContext, RestoreOptions } from '../../engine.ts';
import { startAnalysis } from './analyze.ts';
import type { BackupStreams } from './backup-streams.ts';
import { toLibpqEnvironment } from '../connect/address.ts';
import type { ClientPrograms } from '../connect/client-programs.ts';
import { withDefinitionsFile } from './definitions-file.ts';
import { listEventTriggers } from './event-triggers.ts';
import { loadTables } from './load.ts';
import { type ArchiveSection, restoreDefinitions } from './restore-definitions.ts';
import type { Preflight } from './restore-preflight.ts';
import { checkLargeObjects, refreshMaterializedViews } from './restore-finish.ts';
import { restoreSequences } from './restore-sequences.ts';
import { type TargetSessions, withSession } from './target-sessions.ts';

export interface FillRequest {
  readonly backup: BackupStreams;
  readonly parts: PartSource;
  readonly programs: ClientPrograms;
  readonly sessions: TargetSessions;
  readonly options: RestoreOptions;
  readonly preflight: Preflight;
  /** As in `loadTables`. */
  readonly inStoredOrder: boolean;
}

/**
 * Fills an empty database with a backup's content and checks it: definitions, rows, large objects, sequences, then
 * indexes, constraints and triggers, which see every row; event triggers last. Gives warnings. What it did until it throws stays.
 */
export async function fillDatabase(context: EngineContext, request: FillRequest): Promise<Text[]> {
  const { backup, parts, programs, sessions, options, preflight, inStoredOrder } = request;
  const { serverVersion } = preflight;
  const skipTablespaces = preflight.missingTablespaces.length > 0;
  const { connections } = options;
  context.progress.phase('definitions');
  return withDefinitionsFile(context, { stream: backup.definitions, parts, environment: sessions.environment }, async (archive) => {
    const restore = (section: ArchiveSection, jobs: number, list?: string) =>
      restoreDefinitions(context, { programs, serverVersion, sessions, archive, section, list, jobs, skipOwners: options.skipOwners, skipTablespaces });
    if (!backup.details.hasPublicSchema) await withSession(context, sessions, (client) => client.query('DROP SCHEMA IF EXISTS public'));
    await restore('pre-data', 1);
    const analysis = await startAnalysis(context, sessions);
    await loadTables(context, { streams: backup.tables, parts, sessions, connections, inStoredOrder, onLoaded: analysis.onLoaded });
    if (backup.details.largeObjects > 0) await restore('data', 1);
    await checkLargeObjects(context, sessions, backup.details.largeObjects);
    const { sequences } = backup;
    if (sequences !== undefined) await withSession(context, sessions, (client) => restoreSequences(client, { stream: sequences, parts, target: sessions.shown }));
    context.progress.phase('indexes');
    const lists = await listEventTriggers(context, { programs, archive, env: toLibpqEnvironment(sessions.address, sessions.environment) });
    await restore('post-data', connections, lists?.othersFirst);
    const warnings = await refreshMaterializedViews(context, sessions, backup.details.materializedViews);
    await analysis.finish(context, connections);
    if (lists !== undefined) await restore('post-data', 1, lists.eventTriggers);
    return warnings;
  });
}
