import { type AttemptStore, waitAfter } from './attempt-store.ts';

interface Attempts {
  count: number;
  nextAt: number;
  forgetAt: number;
}

/** Attempts counted in this process. With more keys than `maxKeys` the one that was tried longest ago is forgotten. */
export function createMemoryAttemptStore({ now = () => new Date(), maxKeys = 100_000 }: {
  readonly now?: () => Date;
  readonly maxKeys?: number;
} = {}): AttemptStore {
  const attemptsOf = new Map<string, Attempts>();
  return {
    begin: async (key, policy) => {
      const time = now().getTime();
      const known = attemptsOf.get(key);
      const attempts = known !== undefined && known.forgetAt > time ? known : { count: 0, nextAt: 0, forgetAt: 0 };
      if (attempts.nextAt > time) return (attempts.nextAt - time) / 1000;
      attempts.count += 1;
      attempts.nextAt = time + waitAfter(attempts.count, policy) * 1000;
      attempts.forgetAt = time + policy.forgetSeconds * 1000;
      attemptsOf.delete(key);
      attemptsOf.set(key, attempts);
      const [oldest] = attemptsOf.keys();
      if (attemptsOf.size > maxKeys && oldest !== undefined) attemptsOf.delete(oldest);
      return 0;
    },
    undo: async (key) => {
      const attempts = attemptsOf.get(key);
      if (attempts === undefined) return;
      attempts.count = Math.max(0, attempts.count - 1);
      attempts.nextAt = 0;
    },
    reset: async (key) => { attemptsOf.delete(key); },
  };
}
