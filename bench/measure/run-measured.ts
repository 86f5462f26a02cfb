import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type TreePeaks, watchTree } from './process-tree.ts';

/** One way to do something: a script for bash, with `$1`, `$2`, … for its words. It fails when any program of a pipeline fails. */
export interface Command {
  readonly script: string;
  readonly words?: readonly string[];
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Seconds after which it is ended; it then counts as not finished. Without: no limit. */
  readonly limit?: number;
}

/** What one run cost. */
export interface Measured {
  readonly seconds: number;
  /** Processor time of the command and all it started, user and system together. */
  readonly cpuSeconds: number;
  readonly peaks: TreePeaks;
  readonly stdout: string;
  /** False where the limit came first; the other figures then hold until there. */
  readonly finished: boolean;
}

const keptOutput = 4096;

/**
 * Runs a command to its end, from its start until the last process of it is gone. Throws the end of its standard error
 * when it fails. All that it started is ended when the signal aborts.
 */
export async function runMeasured({ script, words = [], environment = {}, limit }: Command, signal: AbortSignal): Promise<Measured> {
  signal.throwIfAborted();
  // `times` tells what the shell and its children cost, on a descriptor of its own.
  const wrapped = `set -o pipefail; ( ${script}\n); status=$?; times >&3; exit $status`;
  const startedAt = performance.now();
  // A process group of its own: a pipeline has several processes to end.
  const child = spawn('bash', ['-c', wrapped, 'bench', ...words], { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe', 'pipe'], detached: true });
  const ended = new Promise<{ code: number | null; name: string | null }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, name) => resolve({ code, name }));
  });
  const tree = child.pid === undefined ? undefined : watchTree(child.pid);
  const [, out, err, descriptor3] = child.stdio as unknown as Readable[];
  const [stdout, stderr, times] = [keep(out), keep(err, keptOutput), keep(descriptor3)];
  const end = () => endGroup(child.pid);
  let finished = true;
  const timer = limit === undefined ? undefined : setTimeout(() => {
    finished = false;
    end();
  }, limit * 1000);
  signal.addEventListener('abort', end, { once: true });
  try {
    const { code, name } = await ended;
    const seconds = (performance.now() - startedAt) / 1000;
    signal.throwIfAborted();
    if (finished && code !== 0) throw new Error(`${[script, ...words].join(' ')}\nended with ${name ?? code}:\n${stderr()}\n${stdout().slice(-keptOutput)}`);
    return { seconds, cpuSeconds: cpuSeconds(times()), peaks: tree?.stop() ?? { byProgram: {}, together: 0 }, stdout: stdout(), finished };
  } finally {
    tree?.stop();
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

function keep(stream: Readable | undefined, last = Number.POSITIVE_INFINITY): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (chunk: string) => {
    text = last === Number.POSITIVE_INFINITY ? text + chunk : (text + chunk).slice(-last);
  });
  return () => text;
}

/** Of the two lines that bash's `times` prints, the shell's own and its children's: `0m1.250s 0m0.310s`. */
function cpuSeconds(times: string): number {
  return [...times.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}
