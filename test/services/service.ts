import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Something that the tests talk to and that this run started. */
export interface Service {
  /** What the tests read from the environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>;
  /** Ends it at once, without waiting: all that a process that is exiting can do. */
  kill(): void;
}

export interface DaemonOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** Its working directory, by which a later run recognises it when this one is killed. */
  readonly folder: string;
  /** Where both its outputs go. */
  readonly log: string;
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  readonly environment?: NodeJS.ProcessEnv;
  readonly stopSignal: NodeJS.Signals;
  /** Whether it answers; asked until it says so. */
  readonly isReady: () => Promise<boolean>;
}

/** Starts a server program and waits until it answers, for 60 seconds at most. Throws with the end of its log when it does not. */
export async function startDaemon(options: DaemonOptions): Promise<Pick<Service, 'stop' | 'kill'>> {
  const log = openSync(options.log, 'a', 0o600);
  // A process group of its own: Ctrl-C must reach the test run alone, which then ends its services in order.
  const child = spawn(options.program, options.args, {
    cwd: options.folder, detached: true, stdio: ['ignore', log, log], ...options.user, env: options.environment ?? process.env,
  });
  closeSync(log);
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => { resolve(error.message); });
    child.once('exit', (code, signal) => { resolve(`ended with ${signal ?? code}`); });
  });
  child.unref();
  const kill = (): void => { child.kill('SIGKILL'); };
  const stop = async (): Promise<void> => stopChild(child, exited, options.stopSignal);

  const deadline = Date.now() + 60_000;
  for (;;) {
    if (await options.isReady()) return { stop, kill };
    const end = await Promise.race([exited, sleep(50)]);
    const trouble = end ?? (Date.now() > deadline ? 'does not answer' : undefined);
    if (trouble !== undefined) {
      await stop();
      const lines = (await readFile(options.log, 'utf8').catch(() => '')).split('\n').slice(-20).join('\n');
      throw new Error(`${options.program} ${trouble}. The end of its log:\n${lines}`);
    }
  }
}

async function stopChild(child: ChildProcess, exited: Promise<string>, signal: NodeJS.Signals): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  child.kill(signal);
  const patience = new AbortController();
  const late = sleep(10_000, 'late', { signal: patience.signal }).catch(() => 'in time');
  if ((await Promise.race([exited, late])) === 'late') child.kill('SIGKILL');
  await exited;
  patience.abort();
}

/** A TCP port that nothing listens on at the moment. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('No TCP port is free.'));
        else resolve(address.port);
      });
    });
  });
}
