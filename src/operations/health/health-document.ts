import type { CheckReport, CheckStatus } from './check-watch.ts';
import type { HealthReport, HealthStatus } from './health.ts';

/** What the document says of the service itself. */
export interface ServiceIdentity {
  /** The service's stable name. */
  readonly serviceId: string;
  /** The release that runs. */
  readonly releaseId: string;
}

const serviceStatus = { healthy: 'pass', degraded: 'warn', unhealthy: 'fail' } as const satisfies Record<HealthStatus, string>;
const checkStatus = { ok: 'pass', warning: 'warn', error: 'fail', pending: 'fail' } as const satisfies Record<CheckStatus, string>;

/** The report as `application/health+json` (draft-inadarei-api-health-check-06): one entry for each number that a check found. */
export function healthDocument(report: HealthReport, identity: ServiceIdentity): Record<string, unknown> {
  const time = report.at.toISOString();
  const figures = Object.entries(report.figures).map(([name, observedValue]) => [name, [{ observedValue, status: 'pass', time }]]);
  return {
    status: serviceStatus[report.status],
    ...identity,
    checks: { ...Object.fromEntries(report.checks.flatMap(entriesOf)), ...Object.fromEntries(figures) },
  };
}

function entriesOf({ name, status, facts, error, observedAt }: CheckReport): [string, unknown[]][] {
  const entry = {
    status: checkStatus[status],
    ...(observedAt && { time: observedAt.toISOString() }),
    ...(error && { output: error.code }),
  };
  const measured = Object.entries(facts).filter(([, value]) => typeof value === 'number');
  if (measured.length === 0) return [[name, [entry]]];
  return measured.map(([fact, observedValue]) => {
    const { measurement, unit } = measurementOf(fact);
    return [`${name}:${measurement}`, [{ observedValue, ...(unit && { observedUnit: unit }), ...entry }]];
  });
}

/** `response_time_ms` → responseTime in ms; `percent_used` → the draft's own word for it. */
function measurementOf(fact: string): { measurement: string; unit?: string } {
  if (fact === 'percent_used') return { measurement: 'utilization', unit: 'percent' };
  const [, stem = fact, suffix] = /^(.+)_(ms|seconds)$/.exec(fact) ?? [];
  const measurement = stem.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return suffix === undefined ? { measurement } : { measurement, unit: suffix === 'ms' ? 'ms' : 's' };
}
