import type { Writable } from 'node:stream';
import type { Environment } from '../operations/configuration.ts';
import { HoldfastError } from '../operations/errors.ts';
import { exitCodeOf } from '../operations/exit-codes.ts';
import { listenForShutdown } from '../operations/shutdown.ts';
import { languageOfLocale } from '../operations/text.ts';
import { backupCommand } from './commands/backup.ts';
import { drillCommand } from './commands/drill.ts';
import { logsCommand } from './commands/logs.ts';
import { restoreCommand } from './commands/restore.ts';
import { statusCommand } from './commands/status.ts';
import { helpText, type Invocation, parseCommandLine } from './command-line.ts';

/** What the plugin needs of its process. */
export interface PluginProcess {
  readonly words: readonly string[];
  readonly environment: Environment;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly signals: Parameters<typeof listenForShutdown>[0];
  readonly version: string;
}

const commands = [statusCommand, backupCommand, restoreCommand, drillCommand, logsCommand];

/** Runs one command. Never throws: what went wrong is said on standard error, and is in the exit code (as a job's, by the error's category). */
export async function runPlugin(process: PluginProcess): Promise<number> {
  const { words, environment, stdout, stderr } = process;
  const language = languageOfLocale(environment['HOLDFAST_LANGUAGE'], environment['LC_ALL'], environment['LC_MESSAGES'], environment['LANG']);
  const shutdown = listenForShutdown(process.signals);
  try {
    const invocation = parseCommandLine(commands, words);
    if (invocation.help) {
      stdout.write(helpText(commands, invocation.command, language));
      return 0;
    }
    return await runCommand(invocation, { ...process, language, signal: shutdown.signal });
  } catch (error) {
    const failure: unknown = shutdown.signal.aborted ? shutdown.signal.reason : error;
    if (failure instanceof HoldfastError) {
      const { message, hint } = failure.describe(language);
      stderr.write(`${failure.code}: ${message}\n  ${hint}\n`);
    } else if (!shutdown.signal.aborted) {
      stderr.write(`${failure instanceof Error ? failure.stack : String(failure)}\n`);
    }
    return exitCodeOf(failure);
  } finally {
    shutdown.dispose();
  }
}

async function runCommand({ command, words, options }: Exclude<Invocation, { help: true }>, { environment, stdout, stderr, version, language, signal }: PluginProcess & { readonly language: 'en' | 'zh'; readonly signal: AbortSignal }): Promise<number> {
  // Half a second to load, which `--help` need not take.
  const [{ connect }, { createClient }] = await Promise.all([import('../kubernetes/connect.ts'), import('../kubernetes/client.ts')]);
  const { kubeconfig, context, namespace, json = false } = options;
  const connection = connect({ environment, userAgent: `kubectl-holdfast/${version}`, kubeconfig, context });
  try {
    const client = createClient({ connection, fieldManager: 'kubectl-holdfast' });
    return await command.run({ client, namespace: namespace ?? connection.namespace, language, json, stdout, stderr, signal, now: () => new Date() }, words, options);
  } finally {
    await connection.close();
  }
}
