import { runCheck } from '../run-check.ts';
import type { CheckResult } from './check.ts';

/** Runs `checkDatabase` in a process of its own. */
export async function checkInChild(path: string, signal: AbortSignal): Promise<CheckResult> {
  return runCheck(new URL('check-main.ts', import.meta.url), path, signal);
}
