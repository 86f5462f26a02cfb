import { mkdtemp, readdir, readFile, readlink, rm, stat, statfs, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { codeOf } from '../../src/operations/errors.ts';
import type { Logger } from '../../src/operations/logging.ts';
import { drillErrors } from './drill-errors.ts';

const prefix = 'holdfast-drill-';
const ownerFile = 'owner.json';
/** How often a living drill says so, and after which silence one of which nothing else is known is taken for dead. */
const heartbeatMs = 60_000;
const silenceMs = 60 * 60_000;

/** Who works in a folder. Process ids mean something within one boot and one process namespace only. */
interface Owner {
  readonly pid: number;
  /** The process's start in ticks since the boot: ids are used again. */
  readonly started: string | null;
  readonly namespace: string | null;
}

export interface DrillFolderOptions {
  readonly scratch: string;
  readonly log: Logger;
  /** Ends what a killed drill left running in its folder, before that is removed. */
  readonly endLeftover?: (folder: string) => Promise<void>;
}

/**
 * Runs `work` in a new folder `holdfast-drill-…` in `scratch` and removes it with all that is in it, whatever happens.
 * First removes those that killed drills left there: never one whose owner lives, or may live on another machine that
 * shares the folder. Throws DRILL_SCRATCH_UNUSABLE.
 */
export async function withDrillFolder<Result>({ scratch, log, endLeftover }: DrillFolderOptions, work: (folder: string) => Promise<Result>): Promise<Result> {
  await sweepDrillFolders({ scratch, log, ...(endLeftover !== undefined && { endLeftover }) });
  return inNewFolder(scratch, work);
}

/** A second folder of the same drill, where the first one's path is too long for what is to lie in it. */
export async function withShortFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  return inNewFolder(tmpdir(), work);
}

async function inNewFolder<Result>(parent: string, work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await createFolder(parent);
  const heartbeat = setInterval(() => void beat(folder), heartbeatMs).unref();
  try {
    return await work(folder);
  } finally {
    clearInterval(heartbeat);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Removes the folders of drills that are dead. What cannot be removed is logged and left. */
export async function sweepDrillFolders({ scratch, log, endLeftover }: DrillFolderOptions): Promise<void> {
  for (const parent of new Set([resolve(scratch), tmpdir()])) {
    const names = await readdir(parent).catch(() => []);
    for (const name of names.filter((candidate) => candidate.startsWith(prefix))) {
      const folder = join(parent, name);
      try {
        if (!(await isAbandoned(folder))) continue;
        await endLeftover?.(folder);
        await rm(folder, { recursive: true, force: true, maxRetries: 3 });
        log.info({ folder }, 'removed what a killed drill left');
      } catch (error) {
        log.warn({ folder, err: error }, 'what a killed drill left could not be removed');
      }
    }
  }
}

/** Throws DRILL_SPACE_MISSING where the folder's volume has less than `needed` bytes free for this user. */
export async function requireSpace(scratch: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(scratch).catch((error: unknown) => {
    throw unusable(scratch, error);
  });
  const free = bavail * bsize;
  if (free < needed) throw drillErrors.DRILL_SPACE_MISSING({ scratch, needed, free });
}

async function createFolder(parent: string): Promise<string> {
  try {
    const folder = await mkdtemp(join(resolve(parent), prefix));
    const owner: Owner = { pid: process.pid, started: await startOf(process.pid), namespace: await processNamespace() };
    await writeFile(join(folder, ownerFile), JSON.stringify(owner), { mode: 0o600 });
    return folder;
  } catch (error) {
    throw unusable(parent, error);
  }
}

function unusable(scratch: string, error: unknown): Error {
  return drillErrors.DRILL_SCRATCH_UNUSABLE({ scratch, reason: codeOf(error) ?? String(error) }, { cause: error });
}

async function beat(folder: string): Promise<void> {
  const now = new Date();
  await utimes(join(folder, ownerFile), now, now).catch(() => undefined);
}

async function isAbandoned(folder: string): Promise<boolean> {
  const owner = await readOwner(folder);
  if (owner !== undefined && owner.namespace !== null && owner.namespace === (await processNamespace())) {
    const started = await startOf(owner.pid);
    return started === null || started !== owner.started;
  }
  const found = await stat(join(folder, ownerFile)).catch(() => stat(folder));
  return Date.now() - found.mtimeMs > silenceMs;
}

async function readOwner(folder: string): Promise<Owner | undefined> {
  try {
    const owner = JSON.parse(await readFile(join(folder, ownerFile), 'utf8')) as Partial<Owner> | null;
    return typeof owner?.pid === 'number' ? { pid: owner.pid, started: owner.started ?? null, namespace: owner.namespace ?? null } : undefined;
  } catch {
    // Killed between making the folder and writing the file, or not ours to read: its age decides.
    return undefined;
  }
}

/** What tells processes of this machine, boot and container from others; null where the system does not say (no Linux). */
async function processNamespace(): Promise<string | null> {
  try {
    const [boot, namespace] = await Promise.all([readFile('/proc/sys/kernel/random/boot_id', 'utf8'), readlink('/proc/self/ns/pid')]);
    return `${boot.trim()} ${namespace}`;
  } catch {
    return null;
  }
}

/** Field 22 of /proc/<pid>/stat; null where there is no such process. */
async function startOf(pid: number): Promise<string | null> {
  const status = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined);
  // The second field is the program's name in parentheses and may hold anything.
  return status?.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}
