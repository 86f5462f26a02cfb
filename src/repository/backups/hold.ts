import { z } from 'zod';
import { putNote, removeNote } from './backup-note.ts';
import { mapConcurrently } from '../concurrency.ts';
import { getIfPresent, listBackupObjects, readsAtOnce } from '../manifest/heads.ts';
import { BackupId, SourceName } from '../manifest/manifest.ts';
import { type BackupName, holdKey, nameOf } from '../manifest/object-keys.ts';
import type { Repository } from '../repository.ts';
import { readSealedAt } from '../manifest/sealed-document.ts';

const holdFormat = 1;

/** A hold on a backup: it is neither forgotten nor swept until it is released. */
export const Hold = z.strictObject({
  format: z.literal(holdFormat),
  repository: z.string(),
  source: SourceName,
  id: BackupId,
  reason: z.string(),
  heldAt: z.iso.datetime(),
  seal: z.string(),
});
export type Hold = z.infer<typeof Hold>;

/** Holds a backup; holding it again gives it the new reason. Throws BACKUP_NOT_FOUND for one that is not there. */
export async function holdBackup(
  repository: Repository,
  name: BackupName,
  { reason, now, signal }: { readonly reason: string; readonly now: Date; readonly signal: AbortSignal },
): Promise<void> {
  await putNote(repository, name, { format: holdFormat, reason, heldAt: now.toISOString() }, { key: holdKey(name), signal });
}

/** Ends a hold; none to end is no error. */
export async function releaseBackup(repository: Repository, name: BackupName, { signal }: { readonly signal: AbortSignal }): Promise<void> {
  await removeNote(repository, { key: holdKey(name), signal });
}

/**
 * The holds by `source/id`, with their reasons. A hold whose file is damaged still holds, without a reason: it is the
 * safer error.
 */
export async function readHolds(
  repository: Repository,
  { source, signal }: { readonly source?: string | undefined; readonly signal: AbortSignal },
): Promise<Map<string, { readonly heldReason?: string }>> {
  const objects = await listBackupObjects(repository, 'holds', { source, signal });
  const holds = await mapConcurrently(objects, { limit: readsAtOnce, signal }, async (object) => readHold(repository, object));
  return new Map(holds.filter((hold) => hold !== undefined));

  async function readHold(from: Repository, object: BackupName): Promise<[string, { heldReason?: string }] | undefined> {
    const content = await getIfPresent(from, holdKey(object), signal);
    if (!content) return undefined;
    const read = readSealedAt(content, Hold, { repository: from, name: object, what: 'hold' });
    return [nameOf(object), 'document' in read ? { heldReason: read.document.reason } : {}];
  }
}
