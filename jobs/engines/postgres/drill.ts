import type { Text } from '../../../src/operations/text.ts';
import type { DrillFinding } from '../../../src/repository/drills/drill-report.ts';
import { requireSpace, withDrillFolder } from '../drill-folder.ts';
import { type DamagedPart, isIntegrityError, watchParts, type WatchedParts } from '../drill-parts.ts';
import { DrillTally } from '../drill-tally.ts';
import type { DrillRequest, DrillResult, EngineContext } from '../engine.ts';
import type { SqlStatement } from '../split-statements.ts';
import { parsePostgresAddress } from './connect/address.ts';
import { type ClientPrograms, findClientPrograms } from './connect/client-programs.ts';
import type { PostgresDetails, TableDetails } from './content.ts';
import { compareGlobals } from './drill/compare-globals.ts';
import { compareLargeObjects } from './drill/compare-large-objects.ts';
import { compareSchema } from './drill/compare-schema.ts';
import { compareTables } from './drill/compare-tables.ts';
import { createRoles } from './drill/create-roles.ts';
import { type GlobalStatement, readGlobals } from './drill/globals.ts';
import { neededSpace } from './drill/needed-space.ts';
import { isRefusedContent } from './drill/refusals.ts';
import { readAssertions, runAssertions } from './drill/run-assertions.ts';
import { findServerPrograms, type ServerPrograms } from './drill/server-programs.ts';
import { endLeftoverServer, type ThrowawayServer, withThrowawayServer } from './drill/throwaway-server.ts';
import { reasonOf } from './postgres-errors.ts';
import { quoteName } from './quoting.ts';
import { type RestoreEnvironment, restorePostgres } from './restore.ts';
import { type BackupStreams, readBackupStreams } from './write/backup-streams.ts';
import { compareSequences, readSequenceValues } from './write/restore-sequences.ts';
import { type TargetSessions, targetSessions, withSession } from './write/target-sessions.ts';

/** Restores a backup into a throw-away server and compares it: `engine.ts` says what callers may rely on. */
export async function drillPostgres(context: EngineContext, request: DrillRequest, surroundings: Omit<RestoreEnvironment, 'inStoredOrder'>): Promise<DrillResult> {
  const { scratch, connections } = request;
  const { environment, programFolders } = surroundings;
  context.progress.phase('preparing');
  const backup = readBackupStreams(request.body);
  const assertions = readAssertions(request.assertions);
  const folders = programFolders === undefined ? {} : { folders: programFolders };
  const serverPrograms = await findServerPrograms({ majorVersion: Math.floor(backup.details.serverVersion / 10_000), environment, ...folders });
  const archiveVersion = Number.parseInt(backup.definitions.details.programVersion, 10);
  const programs = await findClientPrograms({ majorVersion: Math.max(serverPrograms.majorVersion, archiveVersion), environment, ...folders });
  return withDrillFolder({ scratch, log: context.log, endLeftover: endLeftoverServer }, async (folder) => {
    await requireSpace(scratch, neededSpace(backup));
    return withThrowawayServer(context, { programs: serverPrograms, environment, folder, connections }, (running, server) =>
      drillIn(server, { context: running, request, backup, parts: watchParts(request.parts), assertions, serverPrograms, programs, programFolders, tally: new DrillTally() }),
    );
  });
}

/** What the steps of one drill share. */
interface Drill {
  readonly context: EngineContext;
  readonly request: DrillRequest;
  readonly backup: BackupStreams;
  readonly parts: WatchedParts;
  readonly assertions: readonly SqlStatement[] | undefined;
  readonly serverPrograms: ServerPrograms;
  readonly programs: ClientPrograms;
  readonly programFolders: string | undefined;
  readonly tally: DrillTally;
}

/** Restores and compares. What the backup itself is the reason of ends in findings; all else is thrown. */
async function drillIn(server: ThrowawayServer, drill: Drill): Promise<DrillResult> {
  const { backup, tally, serverPrograms } = drill;
  const warnings: Text[] = [];
  const started = performance.now();
  let restoredAt: number | undefined;
  try {
    const restored = await restore(server, drill);
    restoredAt = performance.now();
    warnings.push(...restored.warnings, ...(await compare(server, drill, restored)));
  } catch (error) {
    const [finding, ...others] = await findingsOf(error, server, drill);
    if (finding === undefined) throw error;
    tally.compared(finding.check, Math.max(1, others.length + 1));
    for (const each of [finding, ...others]) tally.differs(each);
  }
  const ended = performance.now();
  return {
    checks: tally.checks,
    findings: tally.findings,
    tables: backup.tables.length,
    rows: backup.rows,
    bytes: backup.bytes,
    restoreMs: Math.round((restoredAt ?? ended) - started),
    checkMs: Math.round(ended - (restoredAt ?? ended)),
    restoredInto: `PostgreSQL ${serverPrograms.version}`,
    warnings,
  };
}

interface Restored {
  readonly globals: readonly GlobalStatement[] | undefined;
  readonly refused: ReadonlySet<GlobalStatement>;
  readonly warnings: readonly Text[];
}

async function restore(server: ThrowawayServer, { context, request, backup, parts, programFolders, tally }: Drill): Promise<Restored> {
  const { body, connections } = request;
  const globals = backup.globals && (await readGlobals(backup.globals, parts));
  const roles = await createRoles(context, { server, details: backup.details, globals, tally });
  // What it did not take until here is told already, or is none of the restore's.
  await server.takeFailures();
  const options = { dryRun: false, overwrite: false, swap: false, endSessions: false, skipOwners: false, connections };
  const restored = await restorePostgres(
    context,
    { body, parts, target: server.addressOf(databaseName(backup.details)), options },
    { environment: server.environment, inStoredOrder: true, ...(programFolders !== undefined && { programFolders }) },
  );
  return { globals, refused: roles.refused, warnings: [...roles.warnings, ...restored.warnings] };
}

async function compare(server: ThrowawayServer, drill: Drill, { globals, refused }: Restored): Promise<Text[]> {
  const { context, request, backup, parts, assertions, serverPrograms, programs, tally } = drill;
  const database = databaseName(backup.details);
  const sessions = targetSessions(parsePostgresAddress(server.addressOf(database), server.environment), server.environment);
  const tables = await compareTables(context, { tables: backup.tables, parts, sessions, connections: request.connections, encoding: backup.details.database.encoding, tally });
  await checkSequences(drill, sessions);
  await compareLargeObjects(context, { backup, parts, programs, sessions, tally });
  const schema = await compareSchema(context, { backup, parts, programs, serverMajor: serverPrograms.majorVersion, sessions, tally });
  if (globals !== undefined) {
    const isSameVersion = serverPrograms.majorVersion === Math.floor(backup.details.serverVersion / 10_000) && backup.definitions.details.programVersion.startsWith(`${programs.majorVersion}.`);
    await compareGlobals(context, { globals, refused, programs, server, isSameVersion, tally });
  }
  if (assertions !== undefined) await runAssertions(context, { assertions, server, database, tally });
  return [...tables, ...schema];
}

async function checkSequences({ context, backup, parts, tally }: Drill, sessions: TargetSessions): Promise<void> {
  const { sequences: stream } = backup;
  if (stream === undefined) return;
  const { sequences } = await readSequenceValues(stream, { parts, target: sessions.shown });
  tally.compared('sequences', sequences.length);
  const differences = await withSession(context, sessions, (client) => compareSequences(client, sequences));
  for (const { name, expected, found } of differences) tally.differs({ check: 'sequences', object: name, expected, found });
}

/** What an error that ended the drill says of the backup; nothing where it says something of this machine or the store. */
async function findingsOf(error: unknown, server: ThrowawayServer, { backup, parts, context }: Drill): Promise<DrillFinding[]> {
  if (context.signal.aborted) return [];
  if (parts.damaged !== undefined) return findingsOfPart(parts.damaged, backup);
  const reason = reasonOf(error);
  if (isIntegrityError(error)) {
    const { table } = error.values;
    return [{ check: 'content', object: typeof table === 'string' ? table : 'the restore', expected: 'what the backup promises', found: reason }];
  }
  return (await isRefusedContent(error, server)) ? [{ check: 'schema', object: 'the restore', expected: 'every statement carried out', found: reason }] : [];
}

/** A damaged part belongs to each table that has rows in it. */
function findingsOfPart({ slice, error }: DamagedPart, backup: BackupStreams): DrillFinding[] {
  const uses = ({ slices }: { readonly slices: readonly { readonly part: string }[] }) => slices.some(({ part }) => part === slice.part);
  const finding = { part: slice.part, expected: `${slice.raw} bytes whose hash is the part’s name`, found: reasonOf(error) };
  const inTables = backup.tables.filter(uses).map(({ details }) => ({ ...finding, check: 'content' as const, object: nameOf(details) }));
  const inOthers = ([['definitions', 'schema'], ['globals', 'globals'], ['sequences', 'sequences']] as const).flatMap(([stream, check]) => {
    const found = backup[stream];
    return found !== undefined && uses(found) ? [{ ...finding, check, object: stream }] : [];
  });
  return [...inTables, ...inOthers];
}

function nameOf({ schema, name }: TableDetails): string {
  return quoteName(schema, name);
}

/** Databases that every new server has. */
const ownDatabases = new Set(['postgres', 'template0', 'template1']);

/** The database's own name, so that what mentions it finds it. */
function databaseName({ database }: PostgresDetails): string {
  return ownDatabases.has(database.name) ? 'drill' : database.name;
}
