import type { Environment } from '../../../src/operations/configuration.ts';
import type { Engine } from '../engine.ts';
import { describePostgresAddress, parsePostgresAddress } from './connect/address.ts';
import { backupPostgres } from './backup.ts';
import { drillPostgres } from './drill.ts';
import { exportPostgres } from './export.ts';
import { inspectTarget } from './write/inspect-target.ts';
import { preflightPostgres } from './preflight.ts';
import { restorePostgres } from './restore.ts';
import { besideSource, defaultName } from './read/source-names.ts';

export interface PostgresEngineOptions {
  /** Where libpq's variables and the PATH are. */
  readonly environment: Environment;
  /** Folders with PostgreSQL's client programs, separated by `:`; Debian's folders and the PATH are looked into as well. */
  readonly programFolders?: string | undefined;
}

/** The engine for PostgreSQL databases: see `../README.md` and the engine's own files. */
export function createPostgresEngine({ environment, programFolders }: PostgresEngineOptions): Engine {
  const surroundings = { environment, ...(programFolders !== undefined && { programFolders }) };
  return {
    kind: 'postgres',
    describe: (address) => describePostgresAddress(parsePostgresAddress(address, environment)),
    defaultName: (address) => defaultName(address, environment),
    besideSource: (source, backupId) => besideSource(source, backupId, environment),
    backup: (context, request) => backupPostgres(context, request, surroundings),
    preflight: (context, source) => preflightPostgres(context, source, surroundings),
    inspectTarget: async (context, target) => (await inspectTarget(context, parsePostgresAddress(target, environment), environment)).kind,
    restore: (context, request) => restorePostgres(context, request, surroundings),
    drill: (context, request) => drillPostgres(context, request, surroundings),
    export: (context, request) => exportPostgres(context, request, surroundings),
  };
}
