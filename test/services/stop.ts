import { stopRun } from './running.ts';

/** jest's globalTeardown. */
// oxlint-disable-next-line import/no-default-export -- jest takes the default export
export default async function stop(): Promise<void> {
  await stopRun();
}
