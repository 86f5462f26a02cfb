/** Sorts by an ISO 8601 time, the newest first; what has none comes last. Thousands are sorted often: no locale's rules are asked. */
export function newestFirst<Item>(items: readonly Item[], timeOf: (item: Item) => string | undefined): Item[] {
  return items.toSorted((a, b) => compare(timeOf(b) ?? '', timeOf(a) ?? ''));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
