import type { CheckReport } from './check-watch.ts';
import type { HealthReport } from './health.ts';

/**
 * The health JSON: `{"status", "checks": {"database": {"status": "ok", "response_time_ms": 1.2}, …, "active_connections": 23}, "timestamp"}`.
 * A check that is not `ok` has its `error_code`. Anybody may read it, so an error's text, which may name hosts, is left to the log
 * and the management port. `verbose` adds `critical`, `failures` in a row, `observed_at` and `duration_ms` to each check.
 */
export function healthJson(report: HealthReport, { verbose }: { readonly verbose: boolean }): Record<string, unknown> {
  const checks = report.checks.map((check) => [check.name, verbose ? { ...checkJson(check), ...details(check) } : checkJson(check)]);
  return { status: report.status, checks: { ...Object.fromEntries(checks), ...report.figures }, timestamp: report.at.toISOString() };
}

function checkJson({ status, facts, error }: CheckReport): Record<string, unknown> {
  return { status, ...facts, ...(error && { error_code: error.code }) };
}

function details({ critical, failures, observedAt, durationMs }: CheckReport): Record<string, unknown> {
  return {
    critical,
    failures,
    ...(observedAt && { observed_at: observedAt.toISOString() }),
    ...(durationMs !== undefined && { duration_ms: Math.round(durationMs * 10) / 10 }),
  };
}
