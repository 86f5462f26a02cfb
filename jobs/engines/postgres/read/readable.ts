import { isOurs, type Relation } from './catalog.ts';
import { postgresErrors } from '../postgres-errors.ts';
import { quoteName } from '../quoting.ts';

const namesShown = 10;

/**
 * Refuses a database of which something could not be read whole, before anything is read: tables and sequences without
 * SELECT, rows hidden by row security.
 */
export function checkReadable(relations: readonly Relation[], source: string): void {
  const ours = relations.filter((relation) => isOurs(relation) && relation.kind !== 'f' && relation.kind !== 'm');
  const unreadable = ours.filter(({ readable }) => !readable);
  if (unreadable.length > 0) throw postgresErrors.SOURCE_TABLES_UNREADABLE({ source, count: unreadable.length, names: listNames(unreadable) });
  const filtered = ours.filter((relation) => relation.filtered && relation.kind === 'r');
  if (filtered.length > 0) throw postgresErrors.SOURCE_ROW_SECURITY({ source, count: filtered.length, names: listNames(filtered) });
}

/** The first names, for a message; the count says how many there are. */
export function listNames(relations: readonly Relation[]): string {
  const names = relations.slice(0, namesShown).map(({ schema, name }) => quoteName(schema, name));
  return relations.length > namesShown ? `${names.join(', ')}, …` : names.join(', ');
}
