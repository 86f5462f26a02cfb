import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import { runJob } from '../../jobs/run-job.ts';
import { type Finished, startHoldfast, type Variables } from '../jobs/holdfast.ts';

/** How a command ended, whether it ran in this process or in one of its own. */
export interface Ran {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  /** The error's code; undefined where it said nothing of the kind. */
  readonly code?: string | undefined;
  /** What `--json` printed last. */
  readonly result: Readonly<Record<string, unknown>>;
  /** For whoever has to find out why. */
  readonly said: string;
}

const quiet: Variables = { HOLDFAST_LOG_LEVEL: 'silent', HOLDFAST_LANGUAGE: 'en' };

/** Runs a command in this process: the same code from arguments to exit code, without the half second that a process takes to start. */
export async function runCommand(words: readonly string[], variables: Variables): Promise<Ran> {
  const written: Buffer[] = [];
  const output = () => new Writable({ write: (chunk: Buffer, _, done) => { written.push(Buffer.from(chunk)); done(); } });
  const signals = Object.assign(new EventEmitter(), { exit: (): never => { throw new Error('no signal is sent here'); } });
  const environment = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...variables, ...quiet };
  const exitCode = await runJob({ arguments: [...words, '--json'], environment, stdout: output(), stderr: output(), signals });
  return read(exitCode, Buffer.concat(written).toString());
}

/** Starts a command as a process of its own, to be killed. */
export function startCommand(words: readonly string[], variables: Variables): { child: ChildProcess; ended: Promise<Ran> } {
  const { child, finished } = startHoldfast([...words, '--json'], { ...variables, ...quiet });
  return { child, ended: finished.then(({ exitCode, stdout, stderr }: Finished) => read(exitCode, stdout, stderr)) };
}

function read(exitCode: number | null, stdout: string, stderr = ''): Ran {
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  const result = parse(last);
  const error = result['error'] as { code?: string } | undefined;
  return { exitCode, code: error?.code, result, said: `${stdout}${stderr}`.slice(-2000) };
}

/** A command that was killed may have written half a line, or none. */
function parse(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
