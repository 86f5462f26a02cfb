import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';

import type { Service } from './service.ts';

interface Run {
  readonly folder: string;
  readonly services: Service[];
}

/** What start.ts started, for stop.ts. On globalThis, because jest may load the two files with different module caches. */
const holder = globalThis as typeof globalThis & { holdfastTestRun?: Run | undefined };

/** Remembers what has to be stopped, and sees to it when the process ends before stop.ts is called, by Ctrl-C too. */
export function rememberRun(run: Run): void {
  holder.holdfastTestRun = run;
  process.once('exit', () => {
    if (holder.holdfastTestRun === undefined) return;
    for (const service of run.services) service.kill();
    rmSync(run.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });
  for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]] as const) {
    process.once(signal, () => {
      void stopRun().finally(() => process.exit(code));
    });
  }
}

/** Stops all services of this run and removes its folder. Does nothing the second time. */
export async function stopRun(): Promise<void> {
  const run = holder.holdfastTestRun;
  if (run === undefined) return;
  await Promise.allSettled(run.services.map(async (service) => service.stop()));
  await rm(run.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  holder.holdfastTestRun = undefined;
}
