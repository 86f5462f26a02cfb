import { compareByTime, listBackupObjects, readHeads, startOf, type StoredHead } from '../manifest/heads.ts';
import { readAcceptances } from '../anomalies/acceptance.ts';
import { type DrillVerdict, readVerdicts } from '../drills/verdicts.ts';
import { readHolds } from './hold.ts';
import { nameOf } from '../manifest/object-keys.ts';
import type { Repository } from '../repository.ts';
import type { RetainedBackup } from '../retention/retention.ts';

/** A backup of the repository: sound, with its head, or damaged, with the reason. */
export type BackupEntry = StoredHead & {
  readonly held: boolean;
  /** Why, in the words of who held it. Absent where the hold's own file is damaged: it holds nevertheless. */
  readonly heldReason?: string;
  /** It is far from the backups before it, and nobody has accepted it. */
  readonly suspicious: boolean;
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
  const accepted = await acceptedAmong(repository, heads, { source, signal });
  const isSuspicious = (head: StoredHead) => head.state === 'ok' && head.head.suspicious !== undefined && !accepted.has(nameOf(head));
  return heads.map((head) => ({ ...head, ...holds.get(nameOf(head)), held: holds.has(nameOf(head)), suspicious: isSuspicious(head) })).toSorted(compareByTime);
}

/** Nobody asks the store where there is nothing to accept. */
async function acceptedAmong(repository: Repository, heads: readonly StoredHead[], options: Parameters<typeof listBackups>[1]): Promise<Set<string>> {
  const isNeeded = heads.some((head) => head.state === 'ok' && head.head.suspicious !== undefined);
  return isNeeded ? readAcceptances(repository, options) : new Set();
}

/** A backup with what its drills have shown; without a verdict none has come to an end. */
export type DrilledBackup = BackupEntry & { readonly verdict: DrillVerdict | undefined };

/** Like `listBackups`, with the verdicts of drills: one more listing, and a read for each backup that was drilled. */
export async function listDrilledBackups(repository: Repository, options: Parameters<typeof listBackups>[1]): Promise<DrilledBackup[]> {
  const entries = await listBackups(repository, options);
  const verdicts = await readVerdicts(repository, entries, options);
  return entries.map((entry) => ({ ...entry, verdict: verdicts.get(nameOf(entry)) }));
}

/** A backup as retention sees it. */
export function asRetained<Entry extends DrilledBackup>(entry: Entry): RetainedBackup & { readonly entry: Entry } {
  const { source, id, state, held, suspicious, verdict } = entry;
  return { source, id, at: startOf(entry), state, held, proven: verdict?.outcome === 'passed', disproven: verdict?.outcome === 'failed', suspicious, entry };
}
