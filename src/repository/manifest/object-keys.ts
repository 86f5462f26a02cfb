import { BackupId, type PartEncodingName, SourceName } from './manifest.ts';

/** Where everything lies in a repository: the one place that spells object keys. docs/repository-format.md shows them. */
export const repositoryKey = 'repository.json';

export const folders = { backups: 'backups/', trash: 'trash/', holds: 'holds/', accepted: 'accepted/', drills: 'drills/', parts: 'parts/' } as const;

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

export const acceptanceKey = ({ source, id }: BackupName): string => `${folders.accepted}${source}/${id}.json`;

/** How a drill's page lies in the store: as it is, or as an age file where the repository is encrypted. */
export const pageEndings = ['html', 'html.age'] as const;
export type PageEnding = (typeof pageEndings)[number];

/** Names one drill of a backup: `drill` has the form of a backup's id. */
export interface DrillName extends BackupName {
  readonly drill: BackupId;
}

export const drillKey = ({ source, id, drill }: DrillName): string => `${folders.drills}${source}/${id}/${drill}.json`;
export const drillPageKey = ({ source, id, drill }: DrillName, ending: PageEnding): string => `${folders.drills}${source}/${id}/${drill}.${ending}`;

/** Where marks on damaged parts lie, each under the name of its part's object. */
export const damageMarksFolder = 'damaged/';
export const damageMarkKey = (part: string, encoding: PartEncodingName): string => `${damageMarksFolder}${part}.${encoding}.json`;

/** `source/id`, for maps and messages. */
export const nameOf = ({ source, id }: BackupName): string => `${source}/${id}`;

export type BackupFile = 'json' | 'parts' | 'references';

/** What a key under backups/, trash/, holds/ or accepted/ means; undefined for a file that is not ours. */
export function parseBackupKey(key: string): (BackupName & { readonly file: BackupFile }) | undefined {
  const match = /^(?:backups|trash|holds|accepted)\/([^/]+)\/([^/.]+)\.(json|parts|references)$/.exec(key);
  if (!match) return undefined;
  const source = SourceName.safeParse(match[1]);
  const id = BackupId.safeParse(match[2]);
  return source.success && id.success ? { source: source.data, id: id.data, file: match[3] as BackupFile } : undefined;
}

/** What a key under drills/ means; undefined for a file that is not ours. */
export function parseDrillKey(key: string): (DrillName & { readonly file: 'json' | PageEnding }) | undefined {
  const match = /^drills\/([^/]+)\/([^/.]+)\/([^/.]+)\.(json|html|html\.age)$/.exec(key);
  if (!match) return undefined;
  const source = SourceName.safeParse(match[1]);
  const id = BackupId.safeParse(match[2]);
  const drill = BackupId.safeParse(match[3]);
  if (!source.success || !id.success || !drill.success) return undefined;
  return { source: source.data, id: id.data, drill: drill.data, file: match[4] as 'json' | PageEnding };
}
