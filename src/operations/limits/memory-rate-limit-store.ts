import { resultOf, takeCell } from './cell-rate.ts';
import type { RateLimitStore } from './rate-limit-store.ts';

/**
 * Limits counted in this process alone. With more callers than `maxCallers` the one that was heard of longest ago is
 * forgotten, so that nobody fills the memory by coming under ever new names.
 */
export function createMemoryRateLimitStore({ now = () => new Date(), maxCallers = 20_000 }: {
  readonly now?: () => Date;
  readonly maxCallers?: number;
} = {}): RateLimitStore {
  const allAtOf = new Map<string, number>();
  return {
    take: async (key, limit) => {
      const time = now().getTime();
      const { allowed, allAt } = takeCell(allAtOf.get(key), time, limit);
      // A Map keeps the order of insertion: deleted and set again, the key is the last.
      allAtOf.delete(key);
      allAtOf.set(key, allAt);
      if (allAtOf.size > maxCallers) forgetOldest(allAtOf);
      return resultOf(allowed, allAt - time, limit);
    },
  };
}

function forgetOldest(allAtOf: Map<string, number>): void {
  const [oldest] = allAtOf.keys();
  if (oldest !== undefined) allAtOf.delete(oldest);
}
