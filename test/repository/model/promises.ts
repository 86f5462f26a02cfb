import type { BackupName } from '../../../src/repository/manifest/object-keys.ts';

/** Where a backup is: listed, forgotten, or swept. */
export type Place = 'live' | 'trash' | 'gone';

/** What the repository owes to whoever made a backup. */
export interface Promised extends BackupName {
  readonly texts: readonly string[];
  place: Place;
  /** By the store's clock; 0 while it is live. */
  forgottenAt: number;
  held: boolean;
}

/** The model: every backup that was ever listed, by `source/id`. No bytes, no store, no order of calls. */
export interface Model {
  readonly backups: Map<string, Promised>;
}

/** What an action may have done to one backup; whatever is not mentioned must be as before. */
export interface Change {
  readonly backup: Promised;
  readonly places?: readonly Place[];
  /** The hold may have changed. */
  readonly held?: true;
}

export function placed(model: Model, place: Place): Promised[] {
  return [...model.backups.values()].filter((backup) => backup.place === place);
}

/** One of the backups, whatever number was drawn; undefined where there is none. */
export function picked(backups: readonly Promised[], number: number): Promised | undefined {
  return backups[number % Math.max(1, backups.length)];
}
