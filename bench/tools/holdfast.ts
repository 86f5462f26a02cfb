import { readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Command, runMeasured } from '../measure/run-measured.ts';
import type { PostgresTools } from './postgres-tools.ts';

const root = join(import.meta.dirname, '..', '..');
const main = join(root, 'jobs', 'main.ts');

/** A repository of the real program's making, encrypted, in a folder of its own. */
export interface BenchRepository {
  /** All that the commands need: where it is and its keys. */
  readonly environment: Readonly<Record<string, string>>;
  /** Holds what is stored. */
  readonly folder: string;
  remove(): Promise<void>;
}

/** What `backup --json` says, as far as the benchmarks read it. */
export interface BackupResult {
  readonly id: string;
  readonly sizes: { readonly raw: number; readonly stored: number; readonly newStored: number };
}

/** The program as the job image starts it: a process of its own, from its sources, with the image's environment and its settings there. */
export function holdfast(words: readonly string[], environment: Readonly<Record<string, string>>): Command {
  return { script: '"$@"', words: [process.execPath, main, ...words, '--json'], environment: { ...withoutSettings(), ...imageEnvironment(), HOLDFAST_LOG_LEVEL: 'warn', ...environment } };
}

/** What the Dockerfile sets: how the process takes memory is part of what is measured. */
export function imageEnvironment(): Record<string, string> {
  const [, line = ''] = /^ENV (NODE_ENV=.*)$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8')) ?? [];
  return Object.fromEntries(line.split(' ').map((setting) => setting.split('=') as [string, string]).map(([name, ...value]) => [name, value.join('=')]));
}

/** A job's settings for databases of PostgreSQL: it takes the client programs that the others take. */
export function postgresSettings(repository: BenchRepository, { programs }: PostgresTools, addresses: Readonly<Partial<Record<'HOLDFAST_SOURCE' | 'HOLDFAST_TARGET', string>>>): Record<string, string> {
  return { ...repository.environment, HOLDFAST_POSTGRES_BIN: dirname(programs.pgDump), ...addresses };
}

/** The result of a `backup --json`, from its last line. */
export function backupResult(stdout: string): BackupResult {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as BackupResult;
}

/** Makes keys and repository; what is in the folder is removed first. */
export async function createBenchRepository(parent: string, signal: AbortSignal): Promise<BenchRepository> {
  const place = join(parent, 'repository');
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true });
  const keys = join(place, 'keys');
  const folder = join(place, 'store');
  await runMeasured(holdfast(['keygen', '--directory', keys], {}), signal);
  const environment = {
    HOLDFAST_REPOSITORY: `file://${folder}`,
    HOLDFAST_REPOSITORY_KEY_FILE: join(keys, 'repository.key'),
    HOLDFAST_RECIPIENTS_FILE: join(keys, 'recipients.txt'),
    HOLDFAST_IDENTITY_FILE: join(keys, 'identity.txt'),
  };
  await runMeasured(holdfast(['init'], environment), signal);
  return { environment, folder, remove: () => rm(place, { recursive: true, force: true }) };
}

/** The machine's own settings of the program must not reach it: undefined takes each away. */
function withoutSettings(): Record<string, undefined> {
  return Object.fromEntries(Object.keys(process.env).filter((name) => /^(HOLDFAST_|PG|AWS_)/.test(name)).map((name) => [name, undefined]));
}
