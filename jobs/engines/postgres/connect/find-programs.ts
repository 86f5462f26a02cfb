import { execFile } from 'node:child_process';
import { access, constants, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Environment } from '../../../../src/operations/configuration.ts';

const run = promisify(execFile);

export interface FindOptions {
  /** The server's: programs dump, and servers restore, what comes from versions up to their own. */
  readonly majorVersion: number;
  readonly environment: Environment;
  /** Looked into first; folders separated by `:`. */
  readonly folders?: string;
}

/** The paths of programs by their names, and what `--version` of the first says. */
export interface FoundPrograms<Name extends string> {
  readonly paths: Readonly<Record<Name, string>>;
  /** `15.14` */
  readonly version: string;
  readonly majorVersion: number;
}

/**
 * Looks for PostgreSQL's programs, all in one folder, of the smallest version that is not below `majorVersion`: in the named
 * folders, in Debian's, on the PATH. Where there are none it gives the list of what was searched.
 */
export async function findPrograms<const Name extends string>(
  names: readonly [Name, ...Name[]],
  { majorVersion, environment, folders }: FindOptions,
): Promise<FoundPrograms<Name> | { readonly searched: string }> {
  const candidates = [...splitFolders(folders), ...(await debianFolders()), ...splitFolders(environment['PATH'])];
  let best: FoundPrograms<Name> | undefined;
  for (const folder of new Set(candidates)) {
    const found = await inspectFolder(folder, names);
    if (found === undefined || found.majorVersion < majorVersion) continue;
    if (found.majorVersion === majorVersion) return found;
    if (best === undefined || found.majorVersion < best.majorVersion) best = found;
  }
  return best ?? { searched: [...splitFolders(folders), '/usr/lib/postgresql/*/bin', 'PATH'].join(', ') };
}

async function inspectFolder<Name extends string>(folder: string, names: readonly [Name, ...Name[]]): Promise<FoundPrograms<Name> | undefined> {
  const paths = Object.fromEntries(names.map((name) => [name, join(folder, name)])) as Record<Name, string>;
  try {
    await Promise.all(names.map((name) => access(paths[name], constants.X_OK)));
    const { stdout } = await run(paths[names[0]], ['--version'], { timeout: 10_000 });
    const match = /\(PostgreSQL\) ((\d+)\S*)/.exec(stdout);
    return match?.[1] === undefined ? undefined : { paths, version: match[1], majorVersion: Number(match[2]) };
  } catch {
    // A folder without programs that run is no candidate.
    return undefined;
  }
}

/** Folders in which Debian's packages put the programs of each version. */
async function debianFolders(): Promise<string[]> {
  const versions = await readdir('/usr/lib/postgresql').catch(() => []);
  return versions.map((version) => `/usr/lib/postgresql/${version}/bin`);
}

/** The folders of a list in the manner of PATH. */
function splitFolders(folders: string | undefined): string[] {
  return (folders ?? '').split(':').filter((folder) => folder !== '');
}
