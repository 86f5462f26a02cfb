import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface RunningProgram {
  readonly child: ChildProcess;
  /** The messages that it has logged. */
  readonly lines: readonly string[];
  readonly http: number;
  readonly management: number;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** Starts drain-program.ts and waits for the line that tells its ports. */
export async function startProgram(): Promise<RunningProgram> {
  const program = fileURLToPath(new URL('drain-program.ts', import.meta.url));
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  createInterface(child.stderr).on('line', (line) => lines.push((JSON.parse(line) as { msg: string }).msg));
  const ended = once(child, 'exit').then(([code, signal]) => (code as number | null) ?? (signal as string));
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, lines, ended, ...(JSON.parse(line) as { http: number; management: number }) };
}
