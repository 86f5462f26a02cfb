import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { type Alert, topicOf } from './alerting-rules.ts';

export interface InputSeries {
  readonly series: string;
  readonly values: string;
}

interface AlertTest {
  /** Of Prometheus: `1d6h30m`. */
  readonly eval_time: string;
  readonly alertname: string;
  readonly exp_alerts: readonly unknown[];
}

/** A file of `promtool test rules`, as far as ours are made of it. */
export interface PromtoolTests {
  readonly tests: readonly { readonly name: string; readonly input_series: readonly InputSeries[]; readonly alert_rule_test?: readonly AlertTest[] }[];
}

/** What promtool is to see of an alert: alerts/<topic>.test.yaml. */
export function promtoolTestsOf(alert: Alert): PromtoolTests {
  return load(readFileSync(join(import.meta.dirname, 'alerts', `${topicOf(alert)}.test.yaml`), 'utf8')) as PromtoolTests;
}
