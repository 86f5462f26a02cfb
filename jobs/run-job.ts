import { createRequire } from 'node:module';
import type { Writable } from 'node:stream';
import type { Environment } from '../src/operations/configuration.ts';
import { HoldfastError } from '../src/operations/errors.ts';
import { exitCodeOf } from '../src/operations/exit-codes.ts';
import { createLogger } from '../src/operations/logging.ts';
import { listenForShutdown } from '../src/operations/shutdown.ts';
import { engineOf } from './addresses.ts';
import { commands } from './commands/all.ts';
import { everywhereSettings } from './commands/command.ts';
import { type Invocation, parseCommandLine } from './command-line.ts';
import { type JobConfiguration, readJobConfiguration, readLanguage, refuseSecretsInOptions } from './configuration.ts';
import { createPostgresEngine } from './engines/postgres/engine.ts';
import { createSqliteEngine } from './engines/sqlite/engine.ts';
import { errorResult, errorText, writeResultFile } from './output.ts';
import { createLogProgress, createTerminalProgress } from './progress.ts';
import { type RepositorySpace, repositorySpace } from './repository-space.ts';
import { trackCommand } from './track-command.ts';

type TextOutput = Writable & { readonly isTTY?: boolean; readonly columns?: number };

export interface JobProcess {
  /** Without node and script. */
  readonly arguments: readonly string[];
  readonly environment: Environment;
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  readonly signals: Parameters<typeof listenForShutdown>[0];
}

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

/** Runs one command to its end and says how it went. Never throws: gives the exit code. */
export async function runJob(job: JobProcess): Promise<number> {
  let language = readLanguage(job.environment, {});
  let invocation: Invocation | undefined;
  const json = job.arguments.includes('--json');
  try {
    invocation = parseCommandLine(commands, job.arguments, { language, version, write: (text) => job.stdout.write(text) });
    if (!invocation) return 0;
    language = readLanguage(job.environment, invocation.given);
    refuseSecretsInOptions(invocation.given);
    const configuration = readJobConfiguration(job.environment, invocation.given, [...invocation.command.settings, ...everywhereSettings]);
    return await runCommand(job, invocation, configuration, language);
  } catch (error) {
    reportFailure(job, { error, language, json, command: invocation?.command.name });
    return exitCodeOf(error);
  }
}

async function runCommand(job: JobProcess, invocation: Invocation, configuration: JobConfiguration, language: ReturnType<typeof readLanguage>): Promise<number> {
  const { command, json } = invocation;
  const onTerminal = job.stderr.isTTY === true;
  const log = createLogger({ level: configuration.HOLDFAST_LOG_LEVEL ?? (onTerminal ? 'warn' : 'info'), name: 'holdfast' });
  const progress = onTerminal ? createTerminalProgress(job.stderr, language) : createLogProgress(log);
  const shutdown = listenForShutdown(job.signals);
  try {
    log.debug({ command: command.name }, 'command started');
    const engines = {
      postgres: createPostgresEngine({ environment: job.environment, programFolders: configuration.HOLDFAST_POSTGRES_BIN }),
      sqlite: createSqliteEngine(),
    };
    const context = { configuration, environment: job.environment, language, log, signal: shutdown.signal, progress, engines, stdout: job.stdout, version };
    const { HOLDFAST_SOURCE: address, HOLDFAST_SOURCE_NAME: name } = configuration;
    const sourceName = () => name ?? (address && engineOf(engines, address).defaultName(address));
    const outcome = await trackCommand(job.environment, { command: command.name, sourceName, signal: shutdown.signal }, () => command.run(context, invocation.input));
    progress.end();
    const { failure } = outcome;
    const space = await repositorySpace(configuration.HOLDFAST_REPOSITORY);
    const result = { ok: failure === undefined, command: command.name, ...outcome.result, space, ...(failure && { error: errorResult(failure, language) }) };
    if (configuration.HOLDFAST_RESULT_FILE) writeResultFile(configuration.HOLDFAST_RESULT_FILE, result);
    const output = outcome.stdoutIsData ? job.stderr : job.stdout;
    output.write(`${json ? JSON.stringify(result) : outcome.text}\n`);
    if (!failure) return 0;
    if (!json) job.stderr.write(`${errorText(failure, language)}\n`);
    return exitCodeOf(failure);
  } catch (error) {
    progress.end();
    const reason: unknown = shutdown.signal.aborted ? shutdown.signal.reason : error;
    // On a terminal the person reads the failure below; a log keeps its stack for whoever comes later.
    log[onTerminal && error instanceof HoldfastError ? 'debug' : 'error']({ err: error, command: command.name }, 'command failed');
    const space = await repositorySpace(configuration.HOLDFAST_REPOSITORY);
    reportFailure(job, { error: reason, language, json, command: command.name, space, resultFile: configuration.HOLDFAST_RESULT_FILE });
    return exitCodeOf(reason);
  } finally {
    shutdown.dispose();
  }
}

interface Failure {
  readonly error: unknown;
  readonly language: ReturnType<typeof readLanguage>;
  readonly json: boolean;
  readonly command?: string | undefined;
  readonly space?: RepositorySpace | undefined;
  readonly resultFile?: string | undefined;
}

function reportFailure(job: JobProcess, { error, language, json, command, space, resultFile }: Failure): void {
  const result = { ok: false, command, space, error: errorResult(error, language) };
  if (resultFile) writeResultFile(resultFile, result);
  if (json) job.stdout.write(`${JSON.stringify(result)}\n`);
  else job.stderr.write(`${errorText(error, language)}\n`);
}
