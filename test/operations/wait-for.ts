import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something holds. Throws after ten seconds, so that a test fails with what it waited for. */
export async function waitFor(holds: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpMs = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > giveUpMs) throw new Error(`in vain: ${holds.toString()}`);
    await sleep(2);
  }
}
