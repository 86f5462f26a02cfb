import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { codeOf } from '../../../../src/operations/errors.ts';
import { type SqlStatement, splitStatements } from '../../split-statements.ts';
import type { DrillTally } from '../../drill-tally.ts';

/** Milliseconds that one assertion may take. */
const timeLimit = 10 * 60_000;

/** The statements of an assertions file. Throws DRILL_ASSERTIONS_INVALID. */
export function readAssertions(sql: string | undefined): SqlStatement[] | undefined {
  return sql === undefined ? undefined : splitStatements(sql, 'sqlite');
}

/**
 * Runs the user's statements on the restored file, read-only. A statement holds when it gives no row, or rows of one value,
 * each the integer 1 (SQLite's true). It does not when SQLite refuses it or it takes too long.
 */
export async function runAssertions(path: string, { assertions, tally, signal }: { readonly assertions: readonly SqlStatement[]; readonly tally: DrillTally; readonly signal: AbortSignal }): Promise<void> {
  tally.compared('assertions', assertions.length);
  for (const { text: sql, line } of assertions) {
    const violation = await findViolation(path, sql, signal);
    if (violation !== null) tally.differs({ check: 'assertions', object: `line ${line}: ${sql}`, expected: 'no row, or true', found: violation });
  }
}

/** In a process of its own: a statement may take any time, cannot be interrupted, and would hold up this process's event loop. */
async function findViolation(path: string, sql: string, signal: AbortSignal): Promise<string | null> {
  const program = fileURLToPath(new URL('assertion-main.ts', import.meta.url));
  const late = AbortSignal.timeout(timeLimit);
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, path], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {},
    signal: AbortSignal.any([signal, late]),
    killSignal: 'SIGKILL',
  });
  try {
    const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    const [output, errors, [status, killedBy]] = await Promise.all([text(child.stdout), text(child.stderr), closed, pipeline([sql], child.stdin).catch(ignoreUnread)]);
    if (status !== 0) throw new Error(`the assertion's process ended with ${status ?? killedBy}: ${errors.trim()}`);
    return JSON.parse(output) as string | null;
  } catch (error) {
    signal.throwIfAborted();
    if (!late.aborted) throw error;
    return `no answer within ${timeLimit / 60_000} minutes`;
  }
}

/** A process that ended before it read its input is told by its exit status. */
function ignoreUnread(error: unknown): void {
  if (codeOf(error) !== 'EPIPE' && codeOf(error) !== 'ABORT_ERR') throw error;
}
