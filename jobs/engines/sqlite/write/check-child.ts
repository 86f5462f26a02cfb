import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { CheckResult } from './check.ts';

/**
 * Runs `checkDatabase` in a process of its own: SQLite's checks take minutes on large files, cannot be interrupted and
 * would hold up this process's event loop. The child gets no environment, so no secret; an abort kills it.
 */
export async function checkInChild(path: string, signal: AbortSignal): Promise<CheckResult> {
  const program = fileURLToPath(new URL('check-main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, path], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {},
    signal,
    killSignal: 'SIGKILL',
  });
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const [output, errors, [status, killedBy]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  if (status !== 0) throw new Error(`the check of the restored database ended with ${status ?? killedBy}: ${errors.trim()}`);
  return JSON.parse(output) as CheckResult;
}
