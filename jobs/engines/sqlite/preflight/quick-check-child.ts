import { runCheck } from '../run-check.ts';
import type { QuickCheck } from './quick-check.ts';

/** Runs `quickCheck` in a process of its own. */
export async function quickCheckInChild(path: string, signal: AbortSignal): Promise<QuickCheck> {
  return runCheck(new URL('quick-check-main.ts', import.meta.url), path, signal);
}
