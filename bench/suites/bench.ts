import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { type Case, runRound, type Samples } from '../measure/rounds.ts';
import { type Command, runMeasured } from '../measure/run-measured.ts';
import { serverCpuSeconds } from '../measure/server-cpu.ts';
import type { Options } from '../options.ts';
import type { Sample } from '../report/sample.ts';
import type { PostgresTools } from '../tools/postgres-tools.ts';

/** What every suite gets. */
export interface Bench {
  readonly options: Options;
  /** Everything that a suite writes lies here and is removed after it. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** What the suites of PostgreSQL get besides. */
export interface PostgresBench extends Bench {
  /** A superuser's URL. */
  readonly server: string;
  readonly tools: PostgresTools;
}

/** Measures a command. What others have left to be written is written first, unmeasured. */
export async function measure(bench: Bench, command: Command, clock?: ServerClock): Promise<Sample & { readonly stdout: string }> {
  await runMeasured({ script: 'sync' }, bench.signal);
  const before = clock?.cpuSeconds();
  const { finished, ...figures } = await runMeasured(command, bench.signal);
  const after = clock?.cpuSeconds();
  return { ...figures, finished, ...(before !== undefined && after !== undefined && { serverCpuSeconds: after - before }) };
}

/** Runs the rounds of cases, those that were asked for. */
export async function measureRounds(bench: Bench, samples: Samples, round: number, cases: readonly Case[]): Promise<void> {
  await runRound(round, cases.filter(({ name }) => bench.options.only?.test(name) ?? true), samples);
}

export interface ServerClock {
  /** Processor seconds that the server has used; undefined where it runs on another machine. */
  cpuSeconds(): number | undefined;
  close(): Promise<void>;
}

/** Watches a PostgreSQL server's processor time, over a session of its own. */
export async function openServerClock(url: string): Promise<ServerClock> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const pid = rows[0]?.pid ?? 0;
  return { cpuSeconds: () => serverCpuSeconds(pid), close: () => client.end() };
}

/** An empty folder for what one command writes. */
export async function emptyFolder(parent: string, name: string): Promise<string> {
  const path = join(parent, name);
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  return path;
}

/** Bytes of a file, or of all files below a folder. */
export async function sizeOf(path: string): Promise<number> {
  const details = await stat(path);
  if (!details.isDirectory()) return details.size;
  const sizes = await Promise.all((await readdir(path)).map((name) => sizeOf(join(path, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}
