import { z } from 'zod';
import { type Environment, readConfiguration } from '../src/operations/configuration.ts';
import { HoldfastError } from '../src/operations/errors.ts';
import { type Monitor, monitorSlug } from '../src/operations/sentry/error-tracking.ts';
import { startErrorTracking } from '../src/operations/sentry/start-error-tracking.ts';
import type { Outcome } from './commands/command.ts';

const MonitorSettings = z.object({
  /** The schedule that this job runs by, in cron's five fields: makes it check in. */
  SENTRY_MONITOR_SCHEDULE: z.string().regex(/^\S+( +\S+){4}$/, "use the five fields of cron: '0 2 * * *'").optional(),
  SENTRY_MONITOR_TIMEZONE: z.string().default('UTC'),
});

/** Half a day: a run that takes longer than that is as bad as one that failed. */
const maxRuntimeMinutes = 720;

/** The end of a job waits so long for Sentry, no longer. */
const flushLimitMs = 3000;

export interface CommandRun {
  readonly command: string;
  /** Gives the source's name in the repository, where the command has one. */
  readonly sourceName: () => string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Runs a command under error tracking, when SENTRY_DSN is set; otherwise nothing is loaded and nothing differs. Failures that
 * nobody foresaw and those of integrity are reported, and where a schedule is named the run checks in at the monitor
 * `<command>-<source>`: Sentry then says when a backup is late, missing or failed.
 */
export async function trackCommand(environment: Environment, { command, sourceName, signal }: CommandRun, run: () => Promise<Outcome>): Promise<Outcome> {
  const tracking = await startErrorTracking(environment, { traces: false });
  if (!tracking.on) return run();
  const source = sourceName();
  const report = (error: unknown): void => {
    if (!signal.aborted && isAlarming(error)) tracking.report(error);
  };
  const monitor = monitorOf(environment, [command, ...(source === undefined ? [] : [source])]);
  tracking.tag({ command, ...(source !== undefined && { source }) });
  try {
    const outcome = await (monitor ? tracking.checkIn(monitor, run, ({ failure }) => failure === undefined) : run());
    if (outcome.failure) report(outcome.failure);
    return outcome;
  } catch (error) {
    report(error);
    throw error;
  } finally {
    await tracking.flush(flushLimitMs);
  }
}

/** What a database or a store refuses is told by the exit code, the log and the monitor; this asks for a person. */
function isAlarming(error: unknown): boolean {
  return !(error instanceof HoldfastError) || error.category === 'internal' || error.category === 'integrity';
}

function monitorOf(environment: Environment, words: readonly string[]): Monitor | undefined {
  const { SENTRY_MONITOR_SCHEDULE: schedule, SENTRY_MONITOR_TIMEZONE: timezone } = readConfiguration(MonitorSettings, environment);
  return schedule === undefined ? undefined : { slug: monitorSlug(...words), schedule, timezone, maxRuntimeMinutes };
}
