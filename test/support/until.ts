import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something holds, 10 seconds at most. */
export async function until(holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !holds(); await sleep(5)) {
    if (Date.now() > deadline) throw new Error(`It never came to hold: ${String(holds)}`);
  }
}
