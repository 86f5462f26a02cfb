import { createHash } from 'node:crypto';
import { link as hardLink, lstat, open, rename, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../../operations/errors.ts';

export type LinkFile = (existing: string, path: string) => Promise<void>;

/** What file systems without hard links (FAT, some FUSE and network ones) say to `link`. */
const noHardLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** A claim is held for two system calls: one this old belongs to a process that was killed. */
const claimLifeMs = 60_000;

export interface Publication {
  /** The complete file; gone afterwards if the result is true. */
  readonly temporary: string;
  readonly path: string;
  /** Folder for claims, on the same file system. */
  readonly claims: string;
  readonly link: LinkFile | undefined;
  readonly signal: AbortSignal;
}

/**
 * Gives a complete file its final name unless something has that name: false then. Whoever else tries at the same time,
 * one alone gets true, and no reader ever sees half a file: `link` guarantees both.
 */
export async function publishNew(publication: Publication): Promise<boolean> {
  const { temporary, path, link = hardLink } = publication;
  try {
    await link(temporary, path);
  } catch (error) {
    const code = codeOf(error) ?? '';
    if (noHardLinks.has(code)) return publishUnderClaim(publication);
    if (code !== 'EEXIST') throw error;
    // Over NFS a link whose answer was lost is made again and then finds itself.
    if ((await stat(temporary)).nlink < 2) {
      await unlink(temporary);
      return false;
    }
  }
  await unlink(temporary);
  return true;
}

/**
 * The same without hard links. `rename` replaces silently and an exclusively created final file would be seen half-written,
 * so writers of one name take turns by an exclusively created claim, look, and rename. A claim left by a killed process is
 * taken over after a minute.
 */
async function publishUnderClaim({ temporary, path, claims, signal }: Publication): Promise<boolean> {
  const claim = join(claims, `claim-${createHash('sha256').update(path).digest('hex')}`);
  await takeClaim(claim, temporary, signal);
  try {
    if (await exists(path)) {
      await unlink(temporary);
      return false;
    }
    await rename(temporary, path);
    return true;
  } finally {
    await rm(claim, { force: true });
  }
}

async function takeClaim(claim: string, temporary: string, signal: AbortSignal): Promise<void> {
  const started = Date.now();
  const { mtimeMs: startedByFileSystem } = await stat(temporary);
  for (;;) {
    signal.throwIfAborted();
    try {
      await (await open(claim, 'wx', 0o600)).close();
      return;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    // The file system's clock, which stamped the claim, moved on by what passed here.
    const now = startedByFileSystem + (Date.now() - started);
    const claimedAt = await modifiedAt(claim);
    if (claimedAt !== undefined && now - claimedAt > claimLifeMs) await rm(claim, { force: true });
    else await sleep(20, undefined, { signal });
  }
}

async function exists(path: string): Promise<boolean> {
  return (await modifiedAt(path)) !== undefined;
}

async function modifiedAt(path: string): Promise<number | undefined> {
  try {
    return (await lstat(path)).mtimeMs;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
