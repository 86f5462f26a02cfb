import { type Page, type PageRequest, type Position, readPosition, toPage } from '../../catalog/page.ts';
import type { Kept } from '../cluster/kept.ts';

/** Runs are listed newest first, what stays by its name. */
export type Order = 'newest' | 'name';

/** One page of resources that pass. Throws CATALOG_CURSOR_INVALID. */
export function listResources<Resource extends Kept>(
  resources: Iterable<Resource>,
  { order, passes, ...request }: PageRequest & { readonly order: Order; readonly passes: (resource: Resource) => boolean },
): Page<Resource> {
  const after = readPosition(request.after);
  const direction = order === 'newest' ? -1 : 1;
  const positionOf = ({ metadata: { namespace, name, creationTimestamp = '' } }: Resource): Position => [order === 'newest' ? creationTimestamp : '', `${namespace}/${name}`];
  const compare = (one: Position, other: Position): number => direction * comparePositions(one, other);
  const rows = [...resources]
    .map((resource) => ({ resource, position: positionOf(resource) }))
    .filter(({ resource, position }) => (after === undefined || compare(position, after) > 0) && passes(resource))
    .toSorted((one, other) => compare(one.position, other.position));
  return toPage(rows, request, ({ resource }) => resource, ({ position }) => position);
}

function comparePositions([time, name]: Position, [otherTime, otherName]: Position): number {
  if (time !== otherTime) return time < otherTime ? -1 : 1;
  return name === otherName ? 0 : name < otherName ? -1 : 1;
}
