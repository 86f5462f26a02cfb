import { connect } from '../kubernetes/connect.ts';
import type { Environment } from '../operations/configuration.ts';
import { HoldfastError } from '../operations/errors.ts';
import { exitCodeOf } from '../operations/exit-codes.ts';
import { runService } from '../operations/lifecycle/run-service.ts';
import { createLogger } from '../operations/logging.ts';
import type { ErrorTracking } from '../operations/sentry/error-tracking.ts';
import type { listenForShutdown } from '../operations/shutdown.ts';
import { languageOfLocale, type Text } from '../operations/text.ts';
import { compose } from './compose.ts';
import { ControllerVariables, readControllerConfiguration } from './configuration.ts';

export interface ControllerProcess {
  readonly words: readonly string[];
  readonly environment: Environment;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly signals: Parameters<typeof listenForShutdown>[0];
  readonly version: string;
  readonly tracking: ErrorTracking;
}

const usage: Text = {
  en: 'Usage: holdfast-controller\n\nWatches the resources of holdfast.dev, makes CronJobs and Jobs of them, and writes their status. Settings are variables of the environment:',
  zh: '用法：holdfast-controller\n\n监视 holdfast.dev 的资源，由此创建 CronJob 与 Job，并写入其状态。所有设置均为环境变量：',
};

/** Runs the controller until SIGTERM or SIGINT. Never throws: what went wrong is said on standard error, and is in the exit code. */
export async function runController({ words, environment, stdout, stderr, signals, version, tracking }: ControllerProcess): Promise<number> {
  const language = languageOfLocale(environment['HOLDFAST_LANGUAGE'], environment['LC_ALL'], environment['LC_MESSAGES'], environment['LANG']);
  if (words.includes('--help') || words.includes('-h')) {
    stdout.write(`${usage[language]}\n${Object.keys(ControllerVariables.shape).map((name) => `  ${name}\n`).join('')}`);
    return 0;
  }
  try {
    const variables = readControllerConfiguration(environment);
    const log = createLogger({ level: variables.HOLDFAST_LOG_LEVEL, name: 'holdfast-controller' });
    const connection = connect({ environment, userAgent: `holdfast-controller/${version}` });
    const { lifecycle, parts } = compose(variables, { connection, log, tracking, version });
    return await runService({ parts, lifecycle, log, signals, drainMs: 0, deadlineMs: variables.HOLDFAST_DEADLINE_SECONDS * 1_000 });
  } catch (error) {
    if (!(error instanceof HoldfastError)) {
      stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    } else {
      const { message, hint } = error.describe(language);
      stderr.write(`${error.code}: ${message}\n  ${hint}\n`);
    }
    return exitCodeOf(error);
  }
}
