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

export const rulesFile = fileURLToPath(new URL('../../charts/holdfast/rules/holdfast.rules.yaml', import.meta.url));

const { groups } = load(readFileSync(rulesFile, 'utf8')) as { readonly groups: readonly RuleGroup[] };

export const rules: readonly (Alert | Recording)[] = groups.flatMap((group) => group.rules);
export const alerts: readonly Alert[] = rules.filter((rule) => 'alert' in rule);
export const recordings: readonly Recording[] = rules.filter((rule) => 'record' in rule);

/** What an alert's runbook and its test are called: `HoldfastBackupOverdue` is `backup-overdue`. */
export function topicOf({ alert }: Alert): string {
  return alert.replace(/^Holdfast/, '').replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}
