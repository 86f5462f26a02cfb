import { Readable } from 'node:stream';
import type { EngineContext } from '../../engine.ts';
import { toConnectionString, toLibpqEnvironment } from '../connect/address.ts';
import { type ClientPrograms, runProgram } from '../connect/client-programs.ts';
import { forOlderServer, needsOlderScript } from './definitions-script.ts';
import { loadingSettings, type TargetSessions } from './target-sessions.ts';

export type ArchiveSection = 'pre-data' | 'data' | 'post-data';

export interface RestoreDefinitionsRequest {
  readonly programs: ClientPrograms;
  readonly sessions: TargetSessions;
  /** The archive's path. */
  readonly archive: string;
  readonly section: ArchiveSection;
  /** A file that says which of the section's objects, see event-triggers.ts; all of them without. */
  readonly list?: string | undefined;
  readonly jobs: number;
  /** `server_version_num` of the target's server. */
  readonly serverVersion: number;
  readonly skipOwners: boolean;
  readonly skipTablespaces: boolean;
}

/** Options that leave out what the target cannot or shall not have; also for the plain export. */
export function archiveOptions({ skipOwners, skipTablespaces }: { readonly skipOwners: boolean; readonly skipTablespaces: boolean }): string[] {
  return [...(skipOwners ? ['--no-owner', '--no-privileges'] : []), ...(skipTablespaces ? ['--no-tablespaces'] : [])];
}

/**
 * Restores one section of the archive by pg_restore, which stops at the first error: POSTGRES_PROGRAM_FAILED with its
 * last lines. The data section holds large objects only.
 */
export async function restoreDefinitions({ signal }: Pick<EngineContext, 'signal'>, request: RestoreDefinitionsRequest): Promise<void> {
  const { programs, sessions, archive, section, list, jobs, serverVersion } = request;
  const environment = toLibpqEnvironment(sessions.address, sessions.environment);
  const options = Object.entries({ ...loadingSettings, ...(jobs > 1 && sideBySideSettings) }).map(([name, value]) => `-c ${name}=${value.replace(/[\\ ]/g, '\\$&')}`);
  const env = { ...environment, PGOPTIONS: [environment['PGOPTIONS'] ?? '', ...options].join(' ').trim() };
  const selection = [`--section=${section}`, ...(list === undefined ? [] : [`--use-list=${list}`]), '--exit-on-error', ...archiveOptions(request)];
  const database = `--dbname=${toConnectionString(sessions.address.database)}`;
  if (!needsOlderScript(programs.majorVersion, serverVersion)) {
    await runProgram(programs.pgRestore, [...selection, '--no-password', ...(jobs > 1 ? [`--jobs=${jobs}`] : []), database, archive], { env, signal });
    return;
  }
  // pg_restore itself would fail on the first statement: psql runs its script without that one, over one connection.
  await runProgram(programs.pgRestore, [...selection, '--file=-', archive], {
    env,
    signal,
    output: async (stdout) => {
      const input = Readable.from(forOlderServer(stdout));
      await runProgram(programs.psql, ['--no-psqlrc', '--quiet', '--no-password', '--output=/dev/null', '--set=ON_ERROR_STOP=1', database], { env, signal, input });
    },
  });
}

/** Several indexes are built side by side: workers of each beside them would take processors from one another. */
const sideBySideSettings = { max_parallel_maintenance_workers: '0' } as const;
