import { z } from 'zod';

import { catalogErrors } from './catalog-errors.ts';

/** One page of a list. `next` asks for the one after; a list that changes meanwhile neither repeats nor skips what stays. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: string;
}

export interface PageRequest {
  /** 1 to 200. */
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: string | undefined;
}

/** Where a page ends: what its list is sorted by, of the last item. */
const Position = z.tuple([z.string().max(1000), z.string().max(100)]);
export type Position = z.infer<typeof Position>;

/** A list by time, newest first: what lies beyond a position that `timePosition` made. */
export function olderThan(column: string, after: string | undefined): object {
  const position = readPosition(after);
  if (position === undefined) return {};
  const [time, id] = position;
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) throw catalogErrors.CATALOG_CURSOR_INVALID({});
  return { $or: [{ [column]: { $lt: at } }, { [column]: at, id: { $lt: id } }] };
}

/** Throws CATALOG_CURSOR_INVALID on anything that `toPage` did not make. */
export function readPosition(after: string | undefined): Position | undefined {
  if (after === undefined) return undefined;
  try {
    const position = Position.parse(JSON.parse(Buffer.from(after, 'base64url').toString('utf8')));
    // PostgreSQL takes no text with NUL.
    if (position.every((part) => !part.includes('\0') && part.isWellFormed())) return position;
  } catch (error) {
    throw catalogErrors.CATALOG_CURSOR_INVALID({}, { cause: error });
  }
  throw catalogErrors.CATALOG_CURSOR_INVALID({});
}

/** Makes a page of rows that were asked for with a limit one higher than the page's. */
export function toPage<Row, Item>(rows: readonly Row[], { limit }: PageRequest, toItem: (row: Row) => Item, positionOf: (row: Row) => Position): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(toItem),
    ...(rows.length > limit && last !== undefined && { next: Buffer.from(JSON.stringify(positionOf(last)), 'utf8').toString('base64url') }),
  };
}
