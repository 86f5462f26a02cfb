import { randomUUID } from 'node:crypto';
import { lstat, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../operations/errors.ts';
import { leftoverAgeMs } from './keys.ts';

/** The file system's clock: what it stamps a new file with. */
export async function readClock(folder: string): Promise<Date> {
  const path = join(folder, `probe-${randomUUID()}`);
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.write(Buffer.alloc(1));
    return (await handle.stat()).mtime;
  } finally {
    await handle.close();
    await rm(path, { force: true });
  }
}

/** Removes from a store's own folder what runs left there that were killed more than a day ago. Gives the folder back. */
export async function sweepLeftovers(folder: string): Promise<string> {
  const now = await readClock(folder);
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const age = await ageOf(path, now);
    if (age !== undefined && age > leftoverAgeMs) await rm(path, { force: true });
  }
  return folder;
}

async function ageOf(path: string, now: Date): Promise<number | undefined> {
  try {
    return now.getTime() - (await lstat(path)).mtimeMs;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
