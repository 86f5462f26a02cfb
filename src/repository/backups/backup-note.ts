import { backupErrors } from './backup-errors.ts';
import { type BackupName, headKey } from '../manifest/object-keys.ts';
import { writeSealed } from '../manifest/sealed-document.ts';
import type { Repository } from '../repository.ts';

/** What a person has said about a backup, in an object of its own beside it: a hold, an acceptance. */
interface NoteOptions {
  readonly key: string;
  readonly signal: AbortSignal;
}

/** Writes a note, sealed, in place of an earlier one; durable on return. Throws BACKUP_NOT_FOUND for a backup that is not there. */
export async function putNote(repository: Repository, { source, id }: BackupName, note: Readonly<Record<string, unknown>>, { key, signal }: NoteOptions): Promise<void> {
  const { store } = repository;
  if (!(await store.stat(headKey({ source, id }), { signal }))) throw backupErrors.BACKUP_NOT_FOUND({ backup: id, store: store.url });
  await store.put(key, writeSealed({ ...note, repository: repository.id, source, id }, repository.encryption), { signal });
  await store.flush({ signal });
}

/** Takes a note away; none is no error. */
export async function removeNote({ store }: Repository, { key, signal }: NoteOptions): Promise<void> {
  await store.delete(key, { signal });
  await store.flush({ signal });
}
