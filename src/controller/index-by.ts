import type { Informer, ObjectKey } from '../kubernetes/informer.ts';

/** Objects of a cache by something that they have in common: a schedule, an owner. */
export interface Index<Kept> {
  get(group: string): readonly Kept[];
}

/** Follows a cache. `groupOf` gives the group of an object; undefined of one that is in none. Make it before anything that reads it listens. */
export function indexBy<Kept>(informer: Informer<Kept>, groupOf: (object: Kept) => string | undefined): Index<Kept> {
  const groups = new Map<string, Map<ObjectKey, Kept>>();
  const remove = (key: ObjectKey, object: Kept | undefined): void => {
    const group = object && groupOf(object);
    const members = group === undefined ? undefined : groups.get(group);
    members?.delete(key);
    if (group !== undefined && members?.size === 0) groups.delete(group);
  };
  informer.onChange(({ type, key, object, previous }) => {
    remove(key, previous ?? object);
    const group = groupOf(object);
    if (type === 'deleted' || group === undefined) return;
    const members = groups.get(group) ?? new Map<ObjectKey, Kept>();
    groups.set(group, members.set(key, object));
  });
  return { get: (group) => [...(groups.get(group)?.values() ?? [])] };
}
