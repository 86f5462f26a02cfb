import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** Peaks of a process and all that it started, while it ran: bytes. */
export interface TreePeaks {
  /** The largest resident size that any one process of this program ever had (the kernel's VmHWM), by the program's name. */
  readonly byProgram: Readonly<Record<string, number>>;
  /** The largest sum of all processes' resident sizes at one of the looks. Pages that two share count twice. */
  readonly together: number;
}

const interval = 50;

/** Looks at a process and its descendants until stopped; reads /proc, so on other systems than Linux it sees nothing. */
export function watchTree(root: number): { stop: () => TreePeaks } {
  const byProgram: Record<string, number> = {};
  let together = 0;
  const look = () => {
    let sum = 0;
    for (const pid of descendants(root)) {
      const status = read(`/proc/${pid}/status`);
      const peak = kibibytes(status, 'VmHWM');
      const program = programOf(pid);
      if (peak === undefined || program === undefined) continue;
      byProgram[program] = Math.max(byProgram[program] ?? 0, peak);
      sum += kibibytes(status, 'VmRSS') ?? 0;
    }
    together = Math.max(together, sum);
  };
  const timer = setInterval(look, interval);
  return {
    stop: () => {
      clearInterval(timer);
      return { byProgram, together };
    },
  };
}

/** The process and all below it. */
function descendants(pid: number): number[] {
  let tasks: string[];
  try {
    tasks = readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
  const children = tasks.flatMap((task) => read(`/proc/${pid}/task/${task}/children`).split(' ').filter((word) => word !== '').map(Number));
  return [pid, ...children.flatMap(descendants)];
}

/** As it was called: behind a loader too (`ld.so --argv0 …`), and without what PostgreSQL's processes add (`postgres: checkpointer`). */
function programOf(pid: number): string | undefined {
  const words = read(`/proc/${pid}/cmdline`).split('\0');
  const called = words[words[1] === '--library-path' ? words.indexOf('--argv0') + 1 : 0] ?? '';
  const [name = ''] = called.split(': ');
  return name === '' ? undefined : basename(name);
}

function kibibytes(status: string, field: string): number | undefined {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status);
  return match?.[1] === undefined ? undefined : Number(match[1]) * 1024;
}

/** Empty where the process has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
