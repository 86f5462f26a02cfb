import type { Logger } from '../logging.ts';
import type { Check } from './check.ts';
import { type CheckReport, CheckWatch } from './check-watch.ts';
import type { Hysteresis } from './hysteresis.ts';

/** `degraded`: something is amiss, and the service does its work all the same. */
export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy';

export interface HealthReport {
  readonly status: HealthStatus;
  readonly checks: readonly CheckReport[];
  readonly figures: Readonly<Record<string, number>>;
  readonly at: Date;
}

export interface Health {
  readonly name: 'health';
  /** Starts the background loops; the first results come soon after. */
  start(): void;
  /** Ends the loops; a run in progress is aborted. */
  stop(): void;
  /** What is known now. Only reads: no request ever causes a probe. */
  report(): HealthReport;
}

export interface HealthOptions extends Partial<Hysteresis> {
  readonly checks: readonly Check[];
  /** Plain numbers shown beside the checks, such as `active_connections`. */
  readonly figures?: Readonly<Record<string, () => number>>;
  readonly log: Logger;
}

/** Watches all checks side by side. Two checks or figures of one name are a mistake of the program: it throws. */
export function createHealth({ checks, figures = {}, log, failuresToFail = 3, successesToRecover = 2 }: HealthOptions): Health {
  const names = [...checks.map((check) => check.name), ...Object.keys(figures)];
  if (new Set(names).size < names.length) throw new Error(`a health check's name is taken twice: ${names.join(', ')}`);
  const watches = checks.map((check) => new CheckWatch(check, { hysteresis: { failuresToFail, successesToRecover }, log }));
  return {
    name: 'health',
    start() {
      for (const watch of watches) void watch.run();
    },
    stop() {
      for (const watch of watches) watch.stop();
    },
    report() {
      const reports = watches.map((watch) => watch.report());
      return {
        status: statusOf(reports),
        checks: reports,
        figures: Object.fromEntries(Object.entries(figures).map(([name, read]) => [name, read()])),
        at: new Date(),
      };
    },
  };
}

/** Whether a check keeps the service from its work. */
export function blocks(check: CheckReport): boolean {
  return check.critical && (check.status === 'error' || check.status === 'pending');
}

function statusOf(checks: readonly CheckReport[]): HealthStatus {
  if (checks.some(blocks)) return 'unhealthy';
  return checks.every((check) => check.status === 'ok') ? 'healthy' : 'degraded';
}
