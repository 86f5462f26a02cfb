import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { recordings } from './alerting-rules.ts';

const sources = fileURLToPath(new URL('../../src', import.meta.url));

/** Of kube-state-metrics, the stable ones of CronJobs: its docs/metrics/workload/cronjob-metrics.md. */
const cronJobMetrics = ['created', 'next_schedule_time', 'spec_suspend', 'status_active', 'status_last_schedule_time', 'status_last_successful_time'].map((name) => `kube_cronjob_${name}`);

/** Every metric of ours: what the sources name. */
export function metricsInSources(): string[] {
  const code = globSync(`${sources}/**/*.ts`).map((path) => readFileSync(path, 'utf8')).join('\n');
  return [...new Set([...code.matchAll(/'((?:holdfast|http)_[a-z_]+)'/g)].map(([, name = '']) => name))];
}

/** What may be asked for: metrics of ours, what Prometheus makes of histograms, what our rules record, and those of others. */
export function knownMetrics(): Set<string> {
  const named = metricsInSources();
  const ofHistograms = named.filter((name) => name.endsWith('_seconds')).flatMap((name) => [`${name}_bucket`, `${name}_count`, `${name}_sum`]);
  return new Set([...named, ...ofHistograms, ...recordings.map(({ record }) => record), ...cronJobMetrics]);
}

/** The metrics that a query in PromQL asks for. `ALERTS` is Prometheus's own. */
export function metricsIn(query: string): string[] {
  const withoutTexts = query.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  return [...withoutTexts.matchAll(/\b(?:[a-z_]+:)?(?:holdfast|http|kube)_[a-z_]+(?::[a-z]+)?/g)].map(([name]) => name);
}
