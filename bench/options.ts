import { join } from 'node:path';
import { parseArgs } from 'node:util';

export const suiteNames = ['backup', 'restore', 'sqlite', 'memory', 'scale', 'api'] as const;
export type SuiteName = (typeof suiteNames)[number];

export interface Options {
  /** `build` only makes the database, and keeps it. */
  readonly command: SuiteName | 'all' | 'build';
  /** A superuser's URL; undefined: a server of our own. */
  readonly server?: string;
  /** The own server's. */
  readonly postgres: '15' | '18';
  /** Gigabytes of a plain dump; for SQLite of the file. */
  readonly size: number;
  /** The scale suite's. */
  readonly sizes: readonly number[];
  readonly rounds: number;
  /** Of Holdfast, and jobs of pg_dump and pg_restore. */
  readonly connections: number;
  /** Only what has this in its name is measured. */
  readonly only?: RegExp;
  /** Where the figures go for programs. */
  readonly json?: string;
  /** Everything that is written lies here, on one file system. */
  readonly folder: string;
  /** Databases stay, for the next run. */
  readonly keep: boolean;
}

const defaultSizes = { all: 0.25, build: 2, backup: 2, restore: 2, memory: 2, sqlite: 1, scale: 0, api: 0 } as const;

export const usage = `npm run bench -- [suite] [options]

Suites: ${suiteNames.join(', ')}, all (the default; all but scale and api, at a moderate size), build (only makes the database, and keeps it).

  --server <url>       a superuser's address of a PostgreSQL to measure on: postgres://user@host/postgres (a password by PGPASSWORD)
  --postgres <15|18>   without --server: the version of the server that is started (15)
  --size <gigabytes>   of a plain dump, or of the SQLite file (all: 0.25, sqlite: 1, others: 2)
  --sizes <list>       the scale suite's (0.1,0.5,1,2,4)
  --rounds <n>         how often each is measured; the figures are medians (3; scale: 1; api: 9)
  --connections <n>    of Holdfast, and jobs of pg_dump and pg_restore (2)
  --only <words>       measure only what has this in its name (a regular expression)
  --json <file>        write all figures there too
  --folder <path>      where everything is written (/var/tmp/holdfast-bench)
  --keep               keep databases for the next run
`;

/** Throws with what is wrong, for people. */
export function readOptions(words: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      server: { type: 'string' },
      postgres: { type: 'string', default: '15' },
      size: { type: 'string' },
      sizes: { type: 'string', default: '0.1,0.5,1,2,4' },
      rounds: { type: 'string' },
      connections: { type: 'string', default: '2' },
      only: { type: 'string' },
      json: { type: 'string' },
      folder: { type: 'string', default: join('/var/tmp', 'holdfast-bench') },
      keep: { type: 'boolean', default: false },
    },
  });
  const command = oneOf([...suiteNames, 'all', 'build'] as const, positionals[0] ?? 'all', 'suite');
  return {
    command,
    ...(values.server !== undefined && { server: values.server }),
    postgres: oneOf(['15', '18'] as const, values.postgres, '--postgres'),
    size: values.size === undefined ? defaultSizes[command] : positive(values.size, '--size'),
    sizes: values.sizes.split(',').map((text) => positive(text, '--sizes')),
    rounds: whole(values.rounds ?? defaultRounds(command), '--rounds'),
    connections: whole(values.connections, '--connections'),
    ...(values.only !== undefined && { only: new RegExp(values.only, 'i') }),
    ...(values.json !== undefined && { json: values.json }),
    folder: values.folder,
    keep: values.keep || command === 'build',
  };
}

/** A round of the api suite takes seconds, one of the others minutes. */
function defaultRounds(command: Options['command']): string {
  if (command === 'api') return '9';
  return command === 'scale' ? '1' : '3';
}

function oneOf<Choice extends string>(choices: readonly Choice[], text: string, what: string): Choice {
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) throw new Error(`${what} is one of ${choices.join(', ')}, not ${text}.`);
  return choice;
}

function positive(text: string, what: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${what} is a number above 0, not ${text}.`);
  return value;
}

function whole(text: string, what: string): number {
  const value = positive(text, what);
  if (!Number.isInteger(value)) throw new Error(`${what} is a whole number, not ${text}.`);
  return value;
}
