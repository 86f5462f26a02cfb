import { BackupId, SourceName } from './manifest.ts';

/** Where everything lies in a repository: the one place that spells object keys. docs/repository-format.md shows them. */
export const repositoryKey = 'repository.json';

export const folders = { backups: 'backups/', trash: 'trash/', holds: 'holds/', parts: 'parts/' } as const;

/** Names one backup: ids are unique within a source. */
export interface BackupName {
  readonly source: SourceName;
  readonly id: BackupId;
}

export const headKey = ({ source, id }: BackupName): string => `${folders.backups}${source}/${id}.json`;
export const bodyKey = ({ source, id }: BackupName): string => `${folders.backups}${source}/${id}.parts`;
export const referencesKey = ({ source, id }: BackupName): string => `${folders.backups}${source}/${id}.references`;
export const trashKey = ({ source, id }: BackupName): string => `${folders.trash}${source}/${id}.json`;
export const holdKey = ({ source, id }: BackupName): string => `${folders.holds}${source}/${id}.json`;

/** `source/id`, for maps and messages. */
export const nameOf = ({ source, id }: BackupName): string => `${source}/${id}`;

export type BackupFile = 'json' | 'parts' | 'references';

/** What a key under backups/, trash/ or holds/ means; undefined for a file that is not ours. */
export function parseBackupKey(key: string): (BackupName & { readonly file: BackupFile }) | undefined {
  const match = /^(?:backups|trash|holds)\/([^/]+)\/([^/.]+)\.(json|parts|references)$/.exec(key);
  if (!match) return undefined;
  const source = SourceName.safeParse(match[1]);
  const id = BackupId.safeParse(match[2]);
  return source.success && id.success ? { source: source.data, id: id.data, file: match[3] as BackupFile } : undefined;
}
