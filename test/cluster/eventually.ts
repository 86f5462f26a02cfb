import { setTimeout as sleep } from 'node:timers/promises';

const betweenMs = 500;

/** Asks until `look` gives something; what it throws counts as not yet. After the limit it throws, saying what was seen last. */
export async function eventually<Found>(what: string, look: () => Promise<Found | undefined>, limitMs = 300_000): Promise<Found> {
  const deadline = Date.now() + limitMs;
  for (let last: unknown = 'nothing was seen'; ; await sleep(betweenMs)) {
    try {
      const found = await look();
      if (found !== undefined) return found;
      last = 'it did not hold';
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`Not within ${limitMs / 1000} s: ${what}`, { cause: last });
  }
}
