import { readFile } from 'node:fs/promises';
import { drillErrors } from '../../drill-errors.ts';
import { type FindOptions, findPrograms } from '../connect/find-programs.ts';

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
export async function findServerPrograms(options: FindOptions): Promise<ServerPrograms> {
  const found = await findPrograms(['postgres', 'initdb'], options);
  if ('searched' in found) throw drillErrors.DRILL_PROGRAMS_MISSING({ version: options.majorVersion, folders: found.searched });
  const { paths, version, majorVersion } = found;
  return { ...paths, version, majorVersion };
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
