import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface RunningProgram {
  readonly url: string;
  readonly child: ChildProcess;
  readonly on: boolean;
  readonly sentryLoaded: boolean;
  /** Everything that it wrote to standard error: its log. */
  readonly log: () => string;
  /** Lets it send what waits and end; gives the exit code. */
  readonly stop: () => Promise<number | null>;
  readonly ended: Promise<number | null>;
}

const here = new URL('.', import.meta.url).pathname;
const instrument = new URL('../../../src/operations/sentry/instrument.ts', import.meta.url).pathname;

/** Starts service-program.ts as a process of its own. */
export async function startProgram(variables: Readonly<Record<string, string>>): Promise<RunningProgram> {
  const child = spawn(process.execPath, ['--import', instrument, `${here}service-program.ts`], {
    env: { PATH: process.env['PATH'], ...variables },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => { log += chunk.toString(); });
  const ended = new Promise<number | null>((resolve) => { child.on('close', resolve); });
  if (!child.stdout) throw new Error('the program has no standard output');
  for await (const line of createInterface(child.stdout)) {
    const { port, ...facts } = JSON.parse(line) as { port: number; on: boolean; sentryLoaded: boolean };
    const stop = (): Promise<number | null> => {
      child.send('stop');
      return ended;
    };
    return { url: `http://127.0.0.1:${port}`, child, log: () => log, stop, ended, ...facts };
  }
  throw new Error(`the program ended before it listened:\n${log}`);
}
