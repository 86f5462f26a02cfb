import { constants, copyFile, type FileHandle, link, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '../../../../src/operations/errors.ts';
import { findUsers, type Target } from './target.ts';

const sideFiles = ['-wal', '-shm', '-journal'];

/** Where the previous file of a target goes: `app.db.before-20260116T180445Z`. */
export function previousPath(path: string, now: Date): string {
  return `${path}.before-${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
}

/** Where a restore writes until it is checked: `app.db.restoring-a1b2c3`. */
export function restoringPath(path: string, random: string): string {
  return `${path}.restoring-${random}`;
}

/**
 * Removes what killed restores into the same target left: half files, unless one still writes (as far as /proc shows), and
 * second names that were made for an exchange which never came.
 */
export async function removeLeftovers(path: string): Promise<string[]> {
  const directory = dirname(path);
  const removed: string[] = [];
  for (const name of await readdir(directory)) {
    if (!name.startsWith(`${basename(path)}.`)) continue;
    const file = join(directory, name);
    const ending = name.slice(basename(path).length);
    const isHalfFile = /^\.restoring-[0-9a-f]{6}$/.test(ending) && (await findUsers(file, { writersOnly: true })).length === 0;
    const isSecondName = /^\.before-\d{8}T\d{6}Z$/.test(ending) && (await isSameFile(file, path));
    if (!isHalfFile && !isSecondName) continue;
    await rm(file, { force: true });
    removed.push(file);
  }
  return removed;
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => stat(path, { bigint: true }).catch(() => undefined)));
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev;
}

/**
 * Gives a finished and synced file the target's name. At every moment, a kill or a power cut included, the target is
 * whole: the old file or the new one. The old file is kept under the name `previous`; without one only an empty file is
 * replaced, or none: then one that appeared meanwhile stays, and the call fails with EEXIST.
 */
export async function replaceFile(finished: string, { path: target, state }: Target, previous: string | undefined): Promise<void> {
  // They hold nothing any more, which was checked; beside the new file they would be taken for its own.
  for (const suffix of sideFiles) await rm(target + suffix, { force: true });
  if (previous !== undefined) {
    await linkOrCopy(target, previous);
    await syncDirectory(target);
    await rename(finished, target);
  } else if (state === 'empty') {
    await rename(finished, target);
  } else {
    await link(finished, target).then(
      () => unlink(finished),
      async (error: unknown) => {
        if (!isLinkUnsupported(error)) throw error;
        await rename(finished, target);
      },
    );
  }
  await syncDirectory(target);
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!isLinkUnsupported(error)) throw error;
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    const copy = await open(to, 'r+');
    await syncAndClose(copy);
  }
}

/** File systems without hard links: FAT, some network file systems. */
function isLinkUnsupported(error: unknown): boolean {
  return ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(codeOf(error) ?? '');
}

async function syncDirectory(path: string): Promise<void> {
  await syncAndClose(await open(dirname(path), 'r'));
}

async function syncAndClose(file: FileHandle): Promise<void> {
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
