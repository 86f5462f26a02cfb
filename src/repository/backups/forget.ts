import { HoldfastError } from '../../operations/errors.ts';
import { backupErrors } from './backup-errors.ts';
import { putOnce } from '../stores/conditional-put.ts';
import { defaultGraceMs } from '../prune/grace.ts';
import { compareByTime, getIfPresent, listBackupObjects, readHeads, type StoredHead } from '../manifest/heads.ts';
import { readHolds } from './hold.ts';
import { type BackupName, bodyKey, headKey, nameOf, referencesKey, trashKey } from '../manifest/object-keys.ts';
import type { Repository } from '../repository.ts';
import { storeErrors } from '../stores/store.ts';

/** A forgotten backup; `modifiedAt` is when it was forgotten, by the store's clock. */
export type TrashEntry = StoredHead;

interface ForgetOptions {
  readonly signal: AbortSignal;
}

/**
 * Forgets backups one after the other: their heads move to the trash, from where `recallBackup` brings them back within the
 * grace. A head is in one of the two places at every moment, so whoever looks at both (prune) sees it. Forgetting twice is no
 * error. Throws BACKUP_HELD before the first, BACKUP_NOT_FOUND, and the store's errors; then no backup is lost.
 */
export async function forgetBackups(repository: Repository, names: readonly BackupName[], { signal }: ForgetOptions): Promise<void> {
  const holds = await readHolds(repository, { signal });
  for (const name of names) {
    const hold = holds.get(nameOf(name));
    if (hold) throw backupErrors.BACKUP_HELD({ backup: name.id, reason: hold.heldReason ?? '—' });
  }
  for (const name of names) await forgetBackup(repository, name, signal);
}

async function forgetBackup(repository: Repository, name: BackupName, signal: AbortSignal): Promise<void> {
  const { store } = repository;
  const head = await getIfPresent(repository, headKey(name), signal);
  if (!head) {
    if (await store.stat(trashKey(name), { signal })) return;
    throw backupErrors.BACKUP_NOT_FOUND({ backup: name.id, store: store.url });
  }
  // Written anew even where an older copy lies there: its time is the beginning of the grace.
  await putTrash(repository, name, head, signal);
  await store.delete(headKey(name), { signal });
  // A recall at the same moment may have taken the copy away before it was the only one.
  if (!(await store.stat(trashKey(name), { signal }))) await putTrash(repository, name, head, signal);
  await store.flush({ signal });
}

/**
 * Puts the copy that is about to be the only one, and reads it back: a store that loses what it has accepted must not cost the
 * backup. A recall at the same moment takes away one copy, and no second. Throws STORE_LOST_WRITE.
 */
async function putTrash(repository: Repository, name: BackupName, head: Buffer, signal: AbortSignal): Promise<void> {
  const { store } = repository;
  const key = trashKey(name);
  for (let puts = 1; ; puts += 1) {
    await store.put(key, head, { signal });
    await store.flush({ signal });
    const kept = await getIfPresent(repository, key, signal);
    if (kept?.equals(head)) return;
    if (puts === 2) throw storeErrors.STORE_LOST_WRITE({ store: store.url, key, reason: kept ? 'other content' : 'missing' });
  }
}

/** What was forgotten and not yet swept, oldest first. A backup that is live as well was only half forgotten: it is live. */
export async function listTrash(
  repository: Repository,
  { source, signal }: { readonly source?: string | undefined; readonly signal: AbortSignal },
): Promise<TrashEntry[]> {
  const trash = await listBackupObjects(repository, 'trash', { source, signal });
  const live = await listBackupObjects(repository, 'backups', { source, signal });
  const liveNames = new Set(live.filter(({ file }) => file === 'json').map(nameOf));
  const heads = await readHeads(repository, trash.filter((object) => !liveNames.has(nameOf(object))), { signal });
  return heads.toSorted(compareByTime);
}

/**
 * Brings a forgotten backup back. Recalling one that is live is no error. Throws BACKUP_NOT_FOUND, RECALL_TOO_LATE after the
 * grace (by the store's clock), BACKUP_DAMAGED where its manifest is not whole any more.
 */
export async function recallBackup(
  repository: Repository,
  name: BackupName,
  { graceMs = defaultGraceMs, signal }: ForgetOptions & { readonly graceMs?: number },
): Promise<void> {
  const { store } = repository;
  // A copy in the trash beside a live head is left alone: a forget under way may have just put it there.
  if (await store.stat(headKey(name), { signal })) return;
  const trashed = await store.stat(trashKey(name), { signal });
  const head = trashed && (await getIfPresent(repository, trashKey(name), signal));
  if (!head) throw backupErrors.BACKUP_NOT_FOUND({ backup: name.id, store: store.url });
  const now = await store.now({ signal });
  if (now.getTime() - trashed.modifiedAt.getTime() > graceMs) {
    throw backupErrors.RECALL_TOO_LATE({ backup: name.id, forgottenAt: trashed.modifiedAt.toISOString() });
  }
  // A head that is not to be trusted would be no backup when it is back, and block every prune.
  const [read] = await readHeads(repository, [{ ...name, ...trashed, file: 'json' }], { signal });
  if (read?.state === 'damaged') throw backupErrors.BACKUP_DAMAGED({ backup: name.id, reason: read.reason });
  for (const key of [bodyKey(name), referencesKey(name)]) {
    if (!(await store.stat(key, { signal }))) throw backupErrors.BACKUP_DAMAGED({ backup: name.id, reason: `${key} is missing` });
  }
  await putHead(repository, name, head, signal);
  await store.delete(trashKey(name), { signal });
  // A forget at the same moment may have taken the head away while it still saw the copy in the trash.
  if (!(await store.stat(headKey(name), { signal }))) await putHead(repository, name, head, signal);
  await store.flush({ signal });
}

async function putHead(repository: Repository, name: BackupName, head: Buffer, signal: AbortSignal): Promise<void> {
  try {
    await putOnce(repository, headKey(name), head, { signal });
  } catch (error) {
    if (!(error instanceof HoldfastError) || error.code !== 'STORE_OBJECT_EXISTS') throw error;
  }
}
