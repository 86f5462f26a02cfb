import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { codeOf } from '../../../../src/operations/errors.ts';
import { postgresErrors } from '../postgres-errors.ts';
import { type FindOptions, findPrograms } from './find-programs.ts';

/** Paths of PostgreSQL's client programs, all of one version. */
export interface ClientPrograms {
  readonly pgDump: string;
  readonly pgRestore: string;
  readonly pgDumpall: string;
  readonly psql: string;
  /** As the programs say it: `15.14`. */
  readonly version: string;
  readonly majorVersion: number;
}

/**
 * Finds the installed client programs of the smallest version that is not below the server's: in the named folders, in
 * Debian's, on the PATH. Throws POSTGRES_PROGRAMS_MISSING.
 */
export async function findClientPrograms(options: FindOptions): Promise<ClientPrograms> {
  const found = await findPrograms(['pg_dump', 'pg_restore', 'pg_dumpall', 'psql'], options);
  if ('searched' in found) throw postgresErrors.POSTGRES_PROGRAMS_MISSING({ version: options.majorVersion, folders: found.searched });
  const { paths, version, majorVersion } = found;
  return { pgDump: paths.pg_dump, pgRestore: paths.pg_restore, pgDumpall: paths.pg_dumpall, psql: paths.psql, version, majorVersion };
}

export interface RunOptions {
  readonly env: Record<string, string>;
  readonly signal: AbortSignal;
  /** What the program reads; nothing otherwise. */
  readonly input?: Readable | Buffer;
  /** Consumes what the program writes; it is dropped otherwise. */
  readonly output?: (stdout: Readable) => Promise<void>;
  /** Where and as whom it runs, when not here and as we. */
  readonly cwd?: string;
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** How long a program may take to end by SIGTERM before it is killed. */
const terminationGrace = 5_000;
const keptStderr = 8 * 1024;

/**
 * Runs a program to its end: its input is written (as far as it reads it), its output consumed, its exit status zero. Ends it when the signal
 * aborts or input or output fail, and always waits until it is gone. Gives the last lines it wrote to standard error.
 * Throws what input or output threw, the signal's reason, or POSTGRES_PROGRAM_FAILED with those lines.
 */
export async function runProgram(path: string, args: readonly string[], { env, signal, input, output, cwd, user }: RunOptions): Promise<string> {
  signal.throwIfAborted();
  const child = spawn(path, args, { env, stdio: ['pipe', 'pipe', 'pipe'], cwd, ...user });
  const exit = new Promise<{ code: number | null; name: string | null; error?: Error }>((resolve) => {
    child.once('error', (error) => resolve({ code: null, name: null, error }));
    child.once('close', (code, name) => resolve({ code, name }));
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-keptStderr);
  });
  let killTimer: NodeJS.Timeout | undefined;
  const stop = () => {
    if (child.exitCode !== null || child.signalCode !== null || killTimer !== undefined) return;
    child.kill('SIGTERM');
    killTimer = setTimeout(() => child.kill('SIGKILL'), terminationGrace);
    // What nobody reads any more must not keep the program waiting.
    child.stdout.resume();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const streams = await Promise.allSettled([feed(child.stdin, input, stop), consume(child.stdout, output, stop)]);
    const { code, name, error } = await exit;
    signal.throwIfAborted();
    if (error !== undefined) throw failure(path, error.message, stderr, error);
    // Ended by us because input or output failed: that is the cause. Otherwise the program's own end says more.
    if (code !== 0 && killTimer === undefined) throw failure(path, code === null ? `killed by ${name}` : `exit code ${code}`, stderr);
    for (const stream of streams) if (stream.status === 'rejected') throw stream.reason as Error;
    if (code !== 0) throw failure(path, code === null ? `killed by ${name}` : `exit code ${code}`, stderr);
    return stderr;
  } finally {
    clearTimeout(killTimer);
    signal.removeEventListener('abort', stop);
  }
}

async function feed(stdin: Writable, input: Readable | Buffer | undefined, stop: () => void): Promise<void> {
  let closedByProgram = false;
  stdin.once('close', () => {
    closedByProgram = input === undefined || Buffer.isBuffer(input) || !input.destroyed;
  });
  try {
    await pipeline(input === undefined ? [] : Buffer.isBuffer(input) ? [input] : input, stdin);
  } catch (error) {
    // A program may leave input unread, as pg_restore does when it wants the list of contents only, or because it
    // failed: its exit status tells.
    const code = codeOf(error);
    if (closedByProgram || code === 'EPIPE' || code === 'ECONNRESET') return;
    stop();
    throw error;
  }
}

async function consume(stdout: Readable, output: RunOptions['output'], stop: () => void): Promise<void> {
  if (output === undefined) {
    stdout.resume();
    return;
  }
  try {
    await output(stdout);
  } catch (error) {
    stop();
    throw error;
  } finally {
    stdout.resume();
  }
}

function failure(path: string, outcome: string, stderr: string, cause?: Error): Error {
  const lines = stderr.trim().split('\n').slice(-8).join('\n');
  return postgresErrors.POSTGRES_PROGRAM_FAILED({ program: basename(path), outcome, output: lines || 'no output' }, { cause });
}
