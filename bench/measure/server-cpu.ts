import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts processor time in these, whatever the kernel's own tick is. */
const ticksPerSecond = 100;

/**
 * Processor seconds that the PostgreSQL server of this backend has used since it started, in all its processes: what a command
 * costs there is the difference of two. Undefined where the server is on another machine.
 */
export function serverCpuSeconds(backend: number): number | undefined {
  const postmaster = statOf(backend)?.parent;
  if (postmaster === undefined || !/postgres/.test(statOf(postmaster)?.name ?? '')) return undefined;
  let ticks = 0;
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? statOf(Number(name)) : undefined;
    if (stat === undefined) continue;
    if (Number(name) === postmaster) ticks += stat.own + stat.waitedFor;
    else if (stat.parent === postmaster) ticks += stat.own;
  }
  return ticks / ticksPerSecond;
}

/** Processor seconds that a process has used since it started; undefined where there is none. */
export function processCpuSeconds(pid: number): number | undefined {
  const stat = statOf(pid);
  return stat && stat.own / ticksPerSecond;
}

/** The fields of /proc/<pid>/stat; the name is in parentheses and may hold blanks. */
function statOf(pid: number): { name: string; parent: number; own: number; waitedFor: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const end = text.lastIndexOf(')');
    const [, parent, ...rest] = text.slice(end + 2).split(' ');
    const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = rest.slice(9, 13).map(Number);
    return { name: text.slice(text.indexOf('(') + 1, end), parent: Number(parent), own: user + system, waitedFor: childrenUser + childrenSystem };
  } catch {
    return undefined;
  }
}
