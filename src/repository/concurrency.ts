interface ConcurrencyOptions {
  /** How many are worked on at once. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

/**
 * Works on every item, several at once, taking the next when one is done. After the first failure, or when aborted, it takes
 * no more, waits for those under way, and throws.
 */
export async function forEachConcurrently<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  { limit, signal }: ConcurrencyOptions,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = iterate(items);
  const failures: unknown[] = [];
  const worker = async () => {
    try {
      while (failures.length === 0) {
        signal.throwIfAborted();
        const next = await queue.next();
        if (next.done) return;
        await work(next.value);
      }
    } catch (error) {
      failures.push(error);
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  if (failures.length === 0) return;
  await queue.return(undefined);
  throw failures[0];
}

/** Like `forEachConcurrently`, and gives the results in the items' order. */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  options: ConcurrencyOptions,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  await forEachConcurrently(items.entries(), options, async ([index, item]) => {
    results[index] = await work(item);
  });
  return results;
}

/** An async generator hands out one item at a time, however many ask at once. */
async function* iterate<Item>(items: Iterable<Item> | AsyncIterable<Item>): AsyncGenerator<Item, undefined> {
  yield* items;
}
