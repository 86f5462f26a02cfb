import type { Writable } from 'node:stream';
import type { z } from 'zod';
import type { Environment } from '../../src/operations/configuration.ts';
import type { HoldfastError } from '../../src/operations/errors.ts';
import type { Logger } from '../../src/operations/logging.ts';
import type { Language, Text } from '../../src/operations/text.ts';
import type { EngineKind } from '../../src/repository/manifest/manifest.ts';
import type { JobConfiguration, SettingName } from '../configuration.ts';
import type { Engine, Progress } from '../engines/engine.ts';

/** What a command works with; composed by main.ts. */
export interface CommandContext {
  readonly configuration: JobConfiguration;
  readonly environment: Environment;
  readonly language: Language;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  readonly engines: Readonly<Record<EngineKind, Engine>>;
  readonly stdout: Writable;
  readonly version: string;
}

/** What a command gives back: facts for programs, sentences for people. */
export interface Outcome {
  /** Printed by `--json` and written to the result file. */
  readonly result: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** The command's data went to standard output: what is said goes to standard error. */
  readonly stdoutIsData?: true;
  /** What the command was asked to find out is bad news: said after `text`, and the exit code is this error's. */
  readonly failure?: HoldfastError;
}

export interface CommandOption {
  /** Commander's notation: `--older-than <age>`, `--no-compress`, `-o, --output <path>`. */
  readonly flags: string;
  readonly description: Text;
}

/** One command of the command line. `input` checks arguments and options, by their camel-cased names. */
export interface Command<Input extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly summary: Text;
  /** Commander's notation of the positional arguments: `<backup>`, `[backup]`. */
  readonly arguments: readonly { readonly notation: string; readonly description: Text }[];
  readonly options: readonly CommandOption[];
  /** The settings that it uses: only their options are offered, besides those that every command has. */
  readonly settings: readonly SettingName[];
  readonly input: Input;
  run(context: CommandContext, input: z.infer<Input>): Promise<Outcome>;
}

/** Keeps the input's type for `run`; the program holds all commands as one list. */
export function defineCommand<Input extends z.ZodObject>(command: Command<Input>): Command {
  return command;
}

export const repositorySettings = [
  'HOLDFAST_REPOSITORY',
  'HOLDFAST_REPOSITORY_KEY',
  'HOLDFAST_IDENTITY',
  'HOLDFAST_S3_ENDPOINT',
  'HOLDFAST_S3_REGION',
  'HOLDFAST_S3_PATH_STYLE',
  'HOLDFAST_S3_CA_FILE',
] as const satisfies readonly SettingName[];

export const everywhereSettings = ['HOLDFAST_RESULT_FILE', 'HOLDFAST_LOG_LEVEL', 'HOLDFAST_LANGUAGE'] as const satisfies readonly SettingName[];

export const backupArgument = {
  notation: '<backup>',
  description: { en: 'a backup: its id, a unique beginning of it, or latest', zh: '备份：其编号、编号的唯一前缀，或 latest' },
} as const;

export const dryRunOption: CommandOption = {
  flags: '--dry-run',
  description: { en: 'say what would be done, change nothing', zh: '只说明将做什么，不作任何更改' },
};
