import type { EngineContext } from '../engine.ts';
import { toConnectionString, toLibpqEnvironment } from './address.ts';
import { type ClientPrograms, runProgram } from './client-programs.ts';
import { loadingSettings, type TargetSessions } from './target-sessions.ts';

export type ArchiveSection = 'pre-data' | 'data' | 'post-data';

export interface RestoreDefinitionsRequest {
  readonly programs: ClientPrograms;
  readonly sessions: TargetSessions;
  /** The archive's path. */
  readonly archive: string;
  readonly section: ArchiveSection;
  readonly jobs: number;
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
  const { programs, sessions, archive, section, jobs } = request;
  const environment = toLibpqEnvironment(sessions.address, sessions.environment);
  const settings = { ...loadingSettings, ...(section === 'post-data' && indexSettings) };
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value.replace(/[\\ ]/g, '\\$&')}`);
  await runProgram(
    programs.pgRestore,
    [
      `--section=${section}`,
      '--exit-on-error',
      '--no-password',
      ...(jobs > 1 ? [`--jobs=${jobs}`] : []),
      ...archiveOptions(request),
      `--dbname=${toConnectionString(sessions.address.database)}`,
      archive,
    ],
    { env: { ...environment, PGOPTIONS: [environment['PGOPTIONS'] ?? '', ...options].join(' ').trim() }, signal },
  );
}

/** Room to sort while indexes are built: taken per job only while it builds one. */
const indexSettings = { maintenance_work_mem: '256MB' } as const;
