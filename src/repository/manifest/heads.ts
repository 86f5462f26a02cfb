import { HoldfastError } from '../../operations/errors.ts';
import { mapConcurrently } from '../concurrency.ts';
import { type BackupId, ManifestHead } from './manifest.ts';
import { type BackupName, folders, parseBackupKey } from './object-keys.ts';
import type { Repository } from '../repository.ts';
import { repositoryErrors } from '../repository-errors.ts';
import { type DocumentProblem, readSealedAt } from './sealed-document.ts';
import type { StoredObject } from '../stores/store.ts';

/** Objects that are read at once: they are small, so it is the store's latency that takes the time. */
export const readsAtOnce = 16;

/** Far above any head: what is larger is none, and reading it could take all memory. */
const largestHead = 16 * 1024 * 1024;

/** A head as it lies in backups/ or trash/. */
export type StoredHead = BackupName & { readonly modifiedAt: Date } & (
    | { readonly state: 'ok'; readonly head: ManifestHead }
    /** `reason`: why the head is not to be trusted, English. */
    | { readonly state: 'damaged'; readonly problem: DocumentProblem; readonly reason: string }
  );

/** A file of backups/, trash/, holds/ or accepted/ whose key is one of ours. */
export type BackupObject = BackupName & Pick<StoredObject, 'key' | 'size' | 'modifiedAt'> & { readonly file: 'json' | 'parts' | 'references' };

/** Every file of one folder (of one source where given) that belongs to a backup; other objects are passed over. */
export async function listBackupObjects(
  { store }: Repository,
  folder: 'backups' | 'trash' | 'holds' | 'accepted',
  { source, signal }: { readonly source?: string | undefined; readonly signal: AbortSignal },
): Promise<BackupObject[]> {
  const objects: BackupObject[] = [];
  const prefix = source === undefined ? folders[folder] : `${folders[folder]}${source}/`;
  for await (const { key, size, modifiedAt } of store.list(prefix, { signal })) {
    const name = parseBackupKey(key);
    if (name) objects.push({ ...name, key, size, modifiedAt });
  }
  return objects;
}

/** Reads and checks the heads among a folder's objects. One that was moved away since the listing is left out. */
export async function readHeads(repository: Repository, objects: readonly BackupObject[], { signal }: { readonly signal: AbortSignal }): Promise<StoredHead[]> {
  const heads = objects.filter((object) => object.file === 'json');
  const read = await mapConcurrently(heads, { limit: readsAtOnce, signal }, async ({ source, id, key, size, modifiedAt }) => {
    if (size > largestHead) return { source, id, modifiedAt, state: 'damaged' as const, problem: 'damaged' as const, reason: `it has ${size} bytes: no head is that large` };
    const content = await getIfPresent(repository, key, signal);
    return content && { source, id, modifiedAt, ...checkHead(repository, { source, id }, content) };
  });
  return read.filter((head) => head !== undefined);
}

/**
 * Throws REPOSITORY_REPLACED where all the backups are another repository's under the same key: then it is repository.json that does
 * not belong here, and what was backed up with it would be lost when the right one is put back. Looks no further than to the first
 * sound head.
 */
export async function refuseReplacedRepository(repository: Repository, { signal }: { readonly signal: AbortSignal }): Promise<void> {
  const { store } = repository;
  let foreign = 0;
  for await (const { key, size, modifiedAt } of store.list(folders.backups, { signal })) {
    const name = parseBackupKey(key);
    if (name?.file !== 'json') continue;
    const [stored] = await readHeads(repository, [{ ...name, key, size, modifiedAt }], { signal });
    if (stored?.state === 'ok') return;
    if (stored?.problem === 'foreign') foreign += 1;
  }
  if (foreign > 0) throw repositoryErrors.REPOSITORY_REPLACED({ store: store.url, count: foreign });
}

/** An object's content, undefined where there is none. */
export async function getIfPresent({ store }: Repository, key: string, signal: AbortSignal): Promise<Buffer | undefined> {
  try {
    return await store.get(key, { signal });
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'STORE_OBJECT_MISSING') return undefined;
    throw error;
  }
}

/** When the run of a backup started: to the millisecond where its head is sound, else the second that its id states. */
export function startOf(stored: StoredHead): Date {
  return stored.state === 'ok' ? new Date(stored.head.startedAt) : timeOfId(stored.id);
}

/** The second that an id states. */
export function timeOfId(id: BackupId): Date {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(id) ?? [];
  const stated = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // An id of no real moment must not upset the order of the others.
  return Number.isNaN(stated.getTime()) ? new Date(0) : stated;
}

/** Oldest first. Ids tell seconds apart, what started in the same second goes by the heads. */
export function compareByTime(one: StoredHead, other: StoredHead): number {
  return startOf(one).getTime() - startOf(other).getTime() || (one.id < other.id ? -1 : 1);
}

function checkHead(repository: Repository, name: BackupName, content: Buffer) {
  const read = readSealedAt(content, ManifestHead, { repository, name, what: 'head' });
  if ('damage' in read) return { state: 'damaged' as const, problem: read.problem, reason: read.damage };
  return { state: 'ok' as const, head: read.document };
}
