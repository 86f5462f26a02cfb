import { setImmediate as settle } from 'node:timers/promises';

/**
 * Runs several actors at once, each of whose calls waits for its turn; `choose` picks who is next among so many that wait.
 * Between two turns everything that needs no turn comes to rest. Gives how each ended, in their order.
 */
export async function takeTurns<Result>(
  actors: readonly ((turn: () => Promise<void>) => Promise<Result>)[],
  choose: (waiting: number) => number,
): Promise<PromiseSettledResult<Result>[]> {
  const waiting: (() => void)[] = [];
  const running = new Set(actors);
  const turn = async () => new Promise<void>((resolve) => { waiting.push(resolve); });
  const ends = Promise.allSettled(
    actors.map(async (actor) => {
      try {
        return await actor(turn);
      } finally {
        running.delete(actor);
      }
    }),
  );
  while (running.size > 0) {
    await settle();
    if (waiting.length > 0) waiting.splice(choose(waiting.length), 1)[0]?.();
  }
  return ends;
}
