import { lstatSync, type Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, HoldfastError } from '../../operations/errors.ts';
import type { StoredObject } from './store.ts';

/** Milliseconds that a batch may hold up everything else; what is not done by then is asked for side by side. */
const quickBatchMs = 2;

/**
 * Sizes and times of files below `root`, those left out that are gone meanwhile. A disk's folder in memory answers in
 * microseconds, of which a promise would be the most; a volume across a network is asked for many at once.
 */
export async function lookAtFiles(root: string, keys: readonly string[]): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  const startedAt = performance.now();
  const isQuick = () => performance.now() - startedAt < quickBatchMs;
  const add = (key: string, found: Stats | undefined) => found && objects.push({ key, size: found.size, modifiedAt: found.mtime });
  let done = 0;
  for (; done < keys.length && isQuick(); done += 1) add(keys[done] as string, lstatSync(join(root, keys[done] as string), { throwIfNoEntry: false }));
  await Promise.all(keys.slice(done).map(async (key) => add(key, await lstatIfThere(join(root, key)))));
  return objects;
}

export async function lstatIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** Whether a file system said that something is not there. */
export function isAbsence(error: unknown): boolean {
  return !(error instanceof HoldfastError) && codeOf(error) === 'ENOENT';
}
