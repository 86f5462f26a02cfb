import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { QuickCheck } from './quick-check.ts';

/** Runs `quickCheck` in a process of its own, without environment; an abort kills it. */
export async function quickCheckInChild(path: string, signal: AbortSignal): Promise<QuickCheck> {
  const program = fileURLToPath(new URL('quick-check-main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, path], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {},
    signal,
    killSignal: 'SIGKILL',
  });
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const [output, errors, [status, killedBy]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  if (status !== 0) throw new Error(`the check of the database ended with ${status ?? killedBy}: ${errors.trim()}`);
  return JSON.parse(output) as QuickCheck;
}
