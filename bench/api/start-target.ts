import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

export type TargetKind = 'http' | 'koa' | 'service';

export interface TargetPorts {
  readonly port: number;
  readonly managementPort: number;
}

/** What a service tells of itself since it was asked last. */
export interface TargetFigures {
  /** Of the catalogue. */
  readonly probes: number;
  readonly longestTurnMs: number;
}

export interface Target extends TargetPorts {
  readonly pid: number;
  figures(): Promise<TargetFigures>;
  stop(): Promise<void>;
}

/** A production deployment behind a proxy, with limits that a benchmark does not reach. */
const production = {
  HOLDFAST_HOST: '127.0.0.1',
  HOLDFAST_MANAGEMENT_HOST: '127.0.0.1',
  HOLDFAST_PORT: '0',
  HOLDFAST_MANAGEMENT_PORT: '0',
  HOLDFAST_ALLOWED_HOSTS: 'bench.example',
  HOLDFAST_PROXY_HOPS: '1',
  HOLDFAST_SECRET_KEY: 'a key of the benchmarks: 0123456789abcdefghijklmnopqrstuvwxyz',
  HOLDFAST_RATE_LIMIT: '1000000',
  BENCH_FURTHER_ROUTES: '0',
};

/** Starts a process that is measured; its log, at the level of production, goes to /dev/null. */
export async function startTarget(kind: TargetKind, folder: string, environment: Readonly<Record<string, string>> = {}): Promise<Target> {
  await mkdir(folder, { recursive: true });
  const child = fork(join(import.meta.dirname, 'target.ts'), [kind], {
    cwd: folder,
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...production, ...environment },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const ports = await answerOf<TargetPorts>(child);
  return {
    ...ports,
    pid: child.pid ?? 0,
    figures: async () => {
      child.send('figures');
      return answerOf<TargetFigures>(child);
    },
    stop: async () => {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}

async function answerOf<Answer>(child: ChildProcess): Promise<Answer> {
  const gone = new AbortController();
  const exited = once(child, 'exit', { signal: gone.signal }).then(([code]) => { throw new Error(`A measured process ended with ${String(code)}: run bench/api/target.ts by hand to see why.`); });
  exited.catch(() => undefined);
  try {
    const [answer] = await Promise.race([once(child, 'message') as Promise<[Answer]>, exited]);
    return answer;
  } finally {
    gone.abort();
  }
}
