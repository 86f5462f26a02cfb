import { METHODS } from 'node:http';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ServiceMiddleware } from '../http/service.ts';

const methods = new Set(METHODS);

/**
 * Measures requests: `http_request_duration_seconds` by method, route template and status; `http_requests_in_flight`;
 * `holdfast_errors_total` by the code of the error that was answered. The duration ends when the answer is ready, before its bytes
 * have gone out. Every label is bounded: what matched no route is the route `other`, a method that Node does not know is `other`.
 */
export function httpMetrics(registry: Registry): ServiceMiddleware {
  const registers = [registry];
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the arrival of a request to its answer, by method, route template and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const errors = new Counter({
    name: 'holdfast_errors_total',
    help: 'Requests answered with an error, by its code.',
    labelNames: ['error_code'],
    registers,
  });
  let inFlight = 0;
  const gauge: Gauge = new Gauge({
    name: 'http_requests_in_flight',
    help: 'Requests that are being answered.',
    registers,
    collect: () => gauge.set(inFlight),
  });
  return async (ctx, next) => {
    const startedMs = performance.now();
    inFlight += 1;
    try {
      await next();
    } finally {
      inFlight -= 1;
      const { method, status, state } = ctx;
      const labels = { method: methods.has(method) ? method : 'other', route: state.routePath ?? 'other', status };
      durations.observe(labels, (performance.now() - startedMs) / 1_000);
      if (state.errorCode !== undefined) errors.inc({ error_code: state.errorCode });
    }
  };
}
