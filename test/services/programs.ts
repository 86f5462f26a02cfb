import { access, constants, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** The folder of the installed PostgreSQL's server and client programs: version 15 if there, else the newest; undefined when none is. */
export async function installedPostgresBin(): Promise<string | undefined> {
  const root = '/usr/lib/postgresql';
  const versions = (await readdir(root).catch(() => [])).toSorted((a, b) => Number(b) - Number(a));
  const debian = ['15', ...versions].map((version) => join(root, version, 'bin'));
  const onPath = (process.env['PATH'] ?? '').split(delimiter);
  for (const folder of [...debian, ...onPath]) {
    const complete = await Promise.all(['initdb', 'postgres', 'pg_dump', 'pg_restore'].map(async (name) => isExecutable(join(folder, name))));
    if (complete.every(Boolean)) return folder;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(() => true, () => false);
}
