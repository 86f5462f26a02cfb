import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/**
 * Runs a program of this folder that checks a database and writes what it found as JSON: SQLite's checks take minutes on large
 * files, cannot be interrupted and would hold up this process's event loop. The child gets no environment, so no secret; an
 * abort kills it. Throws when it ends otherwise than with 0.
 */
export async function runCheck<Result>(program: URL, path: string, signal: AbortSignal): Promise<Result> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', fileURLToPath(program), path], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {},
    signal,
    killSignal: 'SIGKILL',
  });
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const [output, errors, [status, killedBy]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  if (status !== 0) throw new Error(`the check of the database ended with ${status ?? killedBy}: ${errors.trim()}`);
  return JSON.parse(output) as Result;
}
