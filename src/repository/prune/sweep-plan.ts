import type { BackupObject, StoredHead } from '../manifest/heads.ts';
import { listBackupObjects, readHeads, readsAtOnce } from '../manifest/heads.ts';
import { mapConcurrently } from '../concurrency.ts';
import { sweptAfterMs } from './grace.ts';
import { type DrillObject, listDrillObjects } from '../drills/read-drills.ts';
import { readHolds } from '../backups/hold.ts';
import { headKey, nameOf, trashKey } from '../manifest/object-keys.ts';
import type { Repository } from '../repository.ts';

/** What is known about every backup's files at one moment. */
export interface Survey {
  /** Heads that are live, or forgotten for less than the grace: what they list stays. */
  readonly needed: readonly StoredHead[];
  /** Heads in the trash whose grace has passed. */
  readonly expired: readonly BackupObject[];
  /** Bodies and references by `source/id`, of needed ones too. */
  readonly files: ReadonlyMap<string, readonly BackupObject[]>;
  /** Holds on backups that are nowhere any more, and acceptances of such. */
  readonly strayHolds: readonly BackupObject[];
  /** Reports of drills and their pages, of needed backups too. */
  readonly drills: readonly DrillObject[];
}

/**
 * Looks at backups/, trash/, and both once more. A head is in one of them at every moment, so one that moves meanwhile is seen
 * in at least one listing; what is seen live in any of them counts as live.
 */
export async function surveyBackups(
  repository: Repository,
  { now, graceMs, signal }: { readonly now: Date; readonly graceMs: number; readonly signal: AbortSignal },
): Promise<Survey> {
  const live = new Map<string, BackupObject>();
  const trashed = new Map<string, BackupObject>();
  const files = new Map<string, BackupObject[]>();
  for (const pass of ['first', 'second'] as const) {
    for (const object of await listBackupObjects(repository, 'backups', { signal })) {
      if (object.file === 'json') live.set(nameOf(object), object);
      else if (pass === 'first') files.set(nameOf(object), [...(files.get(nameOf(object)) ?? []), object]);
    }
    for (const object of await listBackupObjects(repository, 'trash', { signal })) trashed.set(nameOf(object), object);
  }
  await addUnlistedHeads(repository, { live, trashed, files }, signal);
  const holds = await readHolds(repository, { signal });
  const isExpired = (object: BackupObject) => isSwept(object, now, graceMs) && !holds.has(nameOf(object));
  const forgotten = [...trashed.values()].filter((object) => !live.has(nameOf(object)));
  const kept = [...live.values(), ...forgotten.filter((object) => !isExpired(object))];
  const marks = [...(await listBackupObjects(repository, 'holds', { signal })), ...(await listBackupObjects(repository, 'accepted', { signal }))];
  const strayHolds = marks.filter(
    (object) => !live.has(nameOf(object)) && !trashed.has(nameOf(object)) && isSwept(object, now, graceMs),
  );
  return { needed: await readNeeded(repository, kept, signal), expired: forgotten.filter(isExpired), files, strayHolds, drills: await listDrillObjects(repository, { signal }) };
}

/** Whether an object is older than the grace, and a little. One that is dated in the future is not. */
export function isSwept({ modifiedAt }: { readonly modifiedAt: Date }, now: Date, graceMs: number): boolean {
  return now.getTime() - modifiedAt.getTime() >= sweptAfterMs(graceMs);
}

/** Asks for the head of each backup that has files but no head: a listing that left something out must cost no backup. */
async function addUnlistedHeads(
  { store }: Repository,
  { live, trashed, files }: { readonly live: Map<string, BackupObject>; readonly trashed: Map<string, BackupObject>; readonly files: ReadonlyMap<string, readonly BackupObject[]> },
  signal: AbortSignal,
): Promise<void> {
  const headless = [...files.values()].flatMap(([file]) => (file && !live.has(nameOf(file)) && !trashed.has(nameOf(file)) ? [file] : []));
  await mapConcurrently(headless, { limit: readsAtOnce, signal }, async (file) => {
    for (const [key, found] of [[headKey(file), live], [trashKey(file), trashed]] as const) {
      const object = await store.stat(key, { signal });
      if (object) found.set(nameOf(file), { ...file, ...object, file: 'json' });
    }
  });
}

/** Looks for one head: each time a forget or recall moves it while we look, it is in the other place. */
const looks = 6;

/** A head that moved after it was listed is read where it is now. */
async function readNeeded(repository: Repository, objects: readonly BackupObject[], signal: AbortSignal): Promise<StoredHead[]> {
  const heads = new Map<string, StoredHead>();
  for (let look = 0; look < looks; look += 1) {
    const keyOf = look % 2 === 0 ? headKey : trashKey;
    const unread = objects.filter((object) => !heads.has(nameOf(object))).map((object) => ({ ...object, key: keyOf(object) }));
    for (const head of await readHeads(repository, unread, { signal })) heads.set(nameOf(head), head);
  }
  const reason = 'its head vanished while it was being read; run prune again';
  return objects.map((object) => heads.get(nameOf(object)) ?? { ...object, state: 'damaged', problem: 'damaged', reason });
}
