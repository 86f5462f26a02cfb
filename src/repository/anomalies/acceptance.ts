import { z } from 'zod';
import { putNote, removeNote } from '../backups/backup-note.ts';
import { mapConcurrently } from '../concurrency.ts';
import { type BackupObject, getIfPresent, listBackupObjects, readsAtOnce } from '../manifest/heads.ts';
import { BackupId, SourceName } from '../manifest/manifest.ts';
import { acceptanceKey, type BackupName, nameOf } from '../manifest/object-keys.ts';
import { type ReadDocument, readSealedAt } from '../manifest/sealed-document.ts';
import type { Repository } from '../repository.ts';

const acceptanceFormat = 1;

/** A person has looked at a suspicious backup and found it right: it counts like any other, and later ones are compared with it. */
export const Acceptance = z.strictObject({
  format: z.literal(acceptanceFormat),
  repository: z.string(),
  source: SourceName,
  id: BackupId,
  reason: z.string(),
  acceptedAt: z.iso.datetime(),
  seal: z.string(),
});
export type Acceptance = z.infer<typeof Acceptance>;

/** Accepts a backup; accepting it again gives it the new reason. Throws BACKUP_NOT_FOUND for one that is not there. */
export async function acceptBackup(
  repository: Repository,
  name: BackupName,
  { reason, now, signal }: { readonly reason: string; readonly now: Date; readonly signal: AbortSignal },
): Promise<void> {
  await putNote(repository, name, { format: acceptanceFormat, reason, acceptedAt: now.toISOString() }, { key: acceptanceKey(name), signal });
}

/** Makes an accepted backup suspicious again; none to withdraw is no error. */
export async function withdrawAcceptance(repository: Repository, name: BackupName, { signal }: { readonly signal: AbortSignal }): Promise<void> {
  await removeNote(repository, { key: acceptanceKey(name), signal });
}

/** The accepted backups, as `source/id`. An acceptance that cannot be trusted accepts nothing: it is the safer error. */
export async function readAcceptances(
  repository: Repository,
  { source, signal }: { readonly source?: string | undefined; readonly signal: AbortSignal },
): Promise<Set<string>> {
  const objects = await listBackupObjects(repository, 'accepted', { source, signal });
  const accepted = await mapConcurrently(objects, { limit: readsAtOnce, signal }, async (object) => {
    const read = await readAcceptance(repository, object, signal);
    return read && 'document' in read ? [nameOf(object)] : [];
  });
  return new Set(accepted.flat());
}

/** One acceptance, checked; undefined where it was withdrawn meanwhile. */
export async function readAcceptance(repository: Repository, object: BackupObject, signal: AbortSignal): Promise<ReadDocument<Acceptance> | undefined> {
  const content = await getIfPresent(repository, object.key, signal);
  return content && readSealedAt(content, Acceptance, { repository, name: object, what: 'acceptance' });
}
