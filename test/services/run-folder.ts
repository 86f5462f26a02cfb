import { chmod, mkdir, mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One folder a user; inside it one a test run, named `<process id>-<random>`. */
const base = join(tmpdir(), `holdfast-test-${process.getuid?.() ?? 'user'}`);

/** Creates the folder in which this run's services keep all they write. Others may pass through it, to folders of their own. */
export async function createRunFolder(): Promise<string> {
  await mkdir(base, { recursive: true });
  const folder = await mkdtemp(join(base, `${process.pid}-`));
  // Services that refuse to run as root run as another user, who must reach its folder below this one.
  await Promise.all([chmod(base, 0o711), chmod(folder, 0o711)]);
  return folder;
}

/** Ends the services and removes the folders of earlier runs that were killed before they could do so themselves. */
export async function sweepLeftovers(): Promise<void> {
  const names = await readdir(base).catch(() => []);
  const leftovers = names.filter((name) => !isRunning(Number.parseInt(name, 10))).map((name) => join(base, name));
  for (const folder of leftovers) {
    for (const pid of await processesWorkingIn(folder)) killIfThere(pid);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A service works in its folder, so its working directory tells whose it is; a stored process id might be someone else's by now. */
async function processesWorkingIn(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc').catch(() => [])).map(Number).filter((pid) => pid > 1);
  const directories = await Promise.all(pids.map(async (pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return pids.filter((_, index) => directories[index]?.startsWith(`${folder}/`));
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}
