import { backupErrors } from './backup-errors.ts';
import type { StoredHead } from '../manifest/heads.ts';

/** The word that stands for the newest sound backup. */
export const latest = 'latest';

/** As many candidates as a person wants to read in an error. */
const candidatesShown = 10;

/**
 * The backup that a person means: `latest`, an id, or a beginning of an id that only one backup has; never a name of a
 * source. `entries` are sorted by time, of the source that is meant where one was named. Throws BACKUP_NOT_FOUND and
 * BACKUP_AMBIGUOUS.
 */
export function resolveBackup<Entry extends StoredHead>(entries: readonly Entry[], text: string, { store }: { readonly store: string }): Entry {
  const found = text === latest ? newestOfEach(entries) : entries.filter((entry) => text !== '' && entry.id.startsWith(text));
  const [first, ...others] = found;
  if (!first) throw backupErrors.BACKUP_NOT_FOUND({ backup: text, store });
  if (others.length > 0) {
    const names = found.slice(0, candidatesShown).map((entry) => `${entry.id} (${entry.source})`);
    if (found.length > names.length) names.push('…');
    throw backupErrors.BACKUP_AMBIGUOUS({ backup: text, candidates: names.join(', ') });
  }
  return first;
}

/** The backup if its head is to be trusted; throws BACKUP_DAMAGED otherwise. */
export function requireSound<Entry extends StoredHead>(entry: Entry): Extract<Entry, { state: 'ok' }> {
  if (entry.state === 'damaged') throw backupErrors.BACKUP_DAMAGED({ backup: entry.id, reason: entry.reason });
  return entry as Extract<Entry, { state: 'ok' }>;
}

function newestOfEach<Entry extends StoredHead>(entries: readonly Entry[]): Entry[] {
  const newest = new Map<string, Entry>();
  for (const entry of entries) {
    if (entry.state === 'ok') newest.set(entry.source, entry);
  }
  return [...newest.values()];
}
