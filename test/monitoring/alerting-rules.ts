import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Recording {
  readonly record: string;
  readonly expr: string;
}

interface RuleGroup {
  readonly name: string;
  readonly rules: readonly (Alert | Recording)[];
}

/** The rules where the controller works, and those where the chart's plain CronJobs do. */
export const ruleFiles = ['holdfast.rules.yaml', 'holdfast-cronjobs.rules.yaml'].map((name) => fileURLToPath(new URL(`../../charts/holdfast/rules/${name}`, import.meta.url)));

export function ruleGroupsOf(text: string): readonly RuleGroup[] {
  return (load(text) as { readonly groups: readonly RuleGroup[] }).groups;
}

export const rules: readonly (Alert | Recording)[] = ruleFiles.flatMap((path) => ruleGroupsOf(readFileSync(path, 'utf8'))).flatMap((group) => group.rules);
export const alerts: readonly Alert[] = rules.filter((rule) => 'alert' in rule);
export const recordings: readonly Recording[] = rules.filter((rule) => 'record' in rule);

/** What an alert's runbook and its test are called: `HoldfastBackupOverdue` is `backup-overdue`. */
export function topicOf({ alert }: Alert): string {
  return alert.replace(/^Holdfast/, '').replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}
