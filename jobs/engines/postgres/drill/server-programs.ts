import { execFile } from 'node:child_process';
import { access, constants, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { drillErrors } from '../../drill-errors.ts';
import { debianFolders, type FindOptions, splitFolders } from '../connect/client-programs.ts';

const run = promisify(execFile);

/** Paths of PostgreSQL's server programs, of one version. */
export interface ServerPrograms {
  readonly initdb: string;
  readonly postgres: string;
  /** As the programs say it: `15.14`. */
  readonly version: string;
  readonly majorVersion: number;
}

/**
 * Finds the installed server programs that restore a backup of a server of `majorVersion`: that version, else the next
 * newer one; in the named folders, in Debian's, on the PATH. Throws DRILL_PROGRAMS_MISSING.
 */
export async function findServerPrograms({ majorVersion, environment, folders }: FindOptions): Promise<ServerPrograms> {
  const candidates = [...splitFolders(folders), ...(await debianFolders()), ...splitFolders(environment['PATH'])];
  let best: ServerPrograms | undefined;
  for (const folder of new Set(candidates)) {
    const found = await inspectFolder(folder);
    if (found === undefined || found.majorVersion < majorVersion) continue;
    if (found.majorVersion === majorVersion) return found;
    if (best === undefined || found.majorVersion < best.majorVersion) best = found;
  }
  if (best !== undefined) return best;
  const searched = [...splitFolders(folders), '/usr/lib/postgresql/*/bin', 'PATH'].join(', ');
  throw drillErrors.DRILL_PROGRAMS_MISSING({ version: majorVersion, folders: searched });
}

async function inspectFolder(folder: string): Promise<ServerPrograms | undefined> {
  const [initdb, postgres] = [join(folder, 'initdb'), join(folder, 'postgres')];
  try {
    await Promise.all([initdb, postgres].map((path) => access(path, constants.X_OK)));
    const { stdout } = await run(postgres, ['--version'], { timeout: 10_000 });
    const match = /\(PostgreSQL\) ((\d+)\S*)/.exec(stdout);
    return match?.[1] === undefined ? undefined : { initdb, postgres, version: match[1], majorVersion: Number(match[2]) };
  } catch {
    // A folder without programs that run is no candidate.
    return undefined;
  }
}

export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** Whom PostgreSQL, which refuses root, is run as, in order of preference. */
const serverUsers = ['postgres', 'nobody'] as const;

/** The user for the server where this process is root; undefined where it is another one. Throws DRILL_USER_MISSING. */
export async function findServerUser(): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of serverUsers) {
    const [, , uid, gid] = accounts.find(([account]) => account === name) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw drillErrors.DRILL_USER_MISSING({ users: serverUsers.join(', ') });
}
