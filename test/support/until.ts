import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something holds, 10 seconds at most. */
export async function until(holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !holds(); await sleep(5)) {
    if (Date.now() > deadline) throw new Error(`It never came to hold: ${String(holds)}`);
  }
}

/** Waits until there is something to give, asking a few times a second. */
export async function untilGiven<Value>(ask: () => Promise<Value | undefined>, { withinMs, what }: { readonly withinMs: number; readonly what: string }): Promise<Value> {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; await sleep(200)) {
    const given = await ask();
    if (given !== undefined) return given;
  }
  throw new Error(`It did not come within ${withinMs} ms: ${what}`);
}
