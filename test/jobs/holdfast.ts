import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Finished {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export type Variables = Readonly<Record<string, string | undefined>>;

const main = new URL('../../jobs/main.ts', import.meta.url).pathname;

/** The command line as a word of a shell. */
export const holdfastShellWord = `'${process.execPath}' '${main}'`;

/** Only what a process needs: no HOLDFAST_*, PG* or AWS_* of the machine reaches the job. */
const baseEnvironment: Variables = { PATH: process.env['PATH'], HOME: process.env['HOME'], TMPDIR: process.env['TMPDIR'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] };

/** Starts the real command line as a process of its own. */
export function startHoldfast(words: readonly string[], variables: Variables = {}): { child: ChildProcess; finished: Promise<Finished> } {
  const child = spawn(process.execPath, [main, ...words], { env: { ...baseEnvironment, ...variables }, stdio: ['ignore', 'pipe', 'pipe'] });
  const finished = new Promise<Finished>((resolve, reject) => {
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    child.stdout.on('data', (chunk: Buffer) => output.stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (exitCode, signal) => {
      resolve({ exitCode, signal, stdout: Buffer.concat(output.stdout).toString(), stderr: Buffer.concat(output.stderr).toString() });
    });
  });
  return { child, finished };
}

/** Waits until a running job has logged this message: from there on it is at work. */
export async function untilLogged(child: ChildProcess, message: string): Promise<void> {
  let logged = '';
  const { stderr } = child;
  if (!stderr) throw new Error('the job has no standard error');
  await new Promise<void>((resolve, reject) => {
    stderr.on('data', (chunk: Buffer) => {
      logged += chunk.toString();
      if (logged.includes(message)) resolve();
    });
    child.on('close', () => reject(new Error(`the job ended before it logged "${message}":\n${logged}`)));
  });
}

/** Runs the command line to its end. */
export function holdfast(words: readonly string[], variables: Variables = {}): Promise<Finished> {
  return startHoldfast(words, variables).finished;
}

/** Runs with --json and gives the result; a failure to end with `exitCode` throws what was said. */
export async function holdfastJson<Result = Record<string, unknown>>(words: readonly string[], variables: Variables = {}, exitCode = 0): Promise<Result> {
  const finished = await holdfast([...words, '--json'], variables);
  if (finished.exitCode !== exitCode) throw new Error(`holdfast ${words.join(' ')} ended with ${finished.exitCode}, not ${exitCode}:\n${finished.stdout}\n${finished.stderr}`);
  return JSON.parse(finished.stdout.trimEnd().split('\n').at(-1) ?? '') as Result;
}

/** A temporary folder and the way to be rid of it. */
export function temporaryFolder(name: string): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), `holdfast-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** What the errors of `--json` look like. */
export interface FailedResult {
  readonly ok: false;
  readonly error: { readonly code: string; readonly message: string; readonly hint: string; readonly exitCode: number };
}
