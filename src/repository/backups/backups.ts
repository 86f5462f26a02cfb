import { compareByTime, listBackupObjects, readHeads, startOf, type StoredHead } from '../manifest/heads.ts';
import { readHolds } from './hold.ts';
import { nameOf } from '../manifest/object-keys.ts';
import type { Repository } from '../repository.ts';
import type { RetainedBackup } from '../retention/retention.ts';

/** A backup of the repository: sound, with its head, or damaged, with the reason. */
export type BackupEntry = StoredHead & {
  readonly held: boolean;
  /** Why, in the words of who held it. Absent where the hold's own file is damaged: it holds nevertheless. */
  readonly heldReason?: string;
};
export type SoundBackup = Extract<BackupEntry, { state: 'ok' }>;

/** Every backup, of one source or all, oldest first. */
export async function listBackups(
  repository: Repository,
  { source, signal }: { readonly source?: string | undefined; readonly signal: AbortSignal },
): Promise<BackupEntry[]> {
  const [objects, holds] = await Promise.all([
    listBackupObjects(repository, 'backups', { source, signal }),
    readHolds(repository, { source, signal }),
  ]);
  const heads = await readHeads(repository, objects, { signal });
  return heads.map((head) => ({ ...head, ...holds.get(nameOf(head)), held: holds.has(nameOf(head)) })).toSorted(compareByTime);
}

/** A backup as retention sees it. No drill has proven any yet. */
export function asRetained<Entry extends BackupEntry>(entry: Entry): RetainedBackup & { readonly entry: Entry } {
  return { source: entry.source, id: entry.id, at: startOf(entry), state: entry.state, held: entry.held, proven: false, entry };
}
