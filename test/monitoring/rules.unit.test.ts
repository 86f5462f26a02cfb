import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { alerts, rules, topicOf } from './alerting-rules.ts';
import { knownMetrics, metricsIn } from './metric-names.ts';
import { promtoolTestsOf } from './promtool-tests.ts';

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const runbooks = folder('../../docs/runbooks');
const topics = alerts.map(topicOf).toSorted();

describe('the alerting rules', () => {
  it('ask only for metrics that the service and the controller give', () => {
    const known = knownMetrics();
    expect(rules.flatMap(({ expr }) => metricsIn(expr)).filter((name) => !known.has(name))).toEqual([]);
  });

  it.each(alerts)('$alert says how bad it is, what happened and where to read on', (alert) => {
    expect(['critical', 'warning']).toContain(alert.labels['severity']);
    expect(alert.annotations).toEqual({
      summary: expect.stringMatching(/\.$/),
      description: expect.stringMatching(/\.$/),
      runbook_url: `https://holdfast.dev/runbooks/${topicOf(alert)}`,
    });
  });

  it.each(alerts)('$alert is tested before it fires, while it fires, and after', (alert) => {
    const [life] = promtoolTestsOf(alert).tests.map(({ alert_rule_test: steps = [] }) => steps.map(({ alertname, exp_alerts: expected }) => [alertname, expected.length]));
    expect([life?.[0], ...(life?.slice(-2) ?? [])]).toEqual([[alert.alert, 0], [alert.alert, 1], [alert.alert, 0]]);
  });

  it('each have a test of promtool and a runbook, and no others are left', () => {
    expect(readdirSync(folder('alerts')).map((name) => name.replace('.test.yaml', '')).toSorted()).toEqual(topics);
    expect(readdirSync(runbooks).filter((name) => name !== 'README.md').map((name) => name.replace('.md', '')).toSorted()).toEqual(topics);
  });
});

describe('the runbooks', () => {
  it.each(alerts)('of $alert tells what it means, how to see it, what to do, and by which commands', (alert) => {
    const page = readFileSync(`${runbooks}/${topicOf(alert)}.md`, 'utf8');
    expect(page.startsWith(`# ${alert.alert}\n`)).toBe(true);
    expect([...page.matchAll(/^## (.+)$/gm)].map(([, title]) => title)).toEqual(['What it means', 'How to see it', 'What to do']);
    expect(page).toMatch(/^```sh\n(?:kubectl|curl|helm) /m);
  });

  it('are all in the list of the folder, by severity', () => {
    const listed = [...readFileSync(`${runbooks}/README.md`, 'utf8').matchAll(/^\| \[(\w+)\]\(([a-z-]+)\.md\) \| (critical|warning) \|/gm)];
    expect(listed.map(([, alert, topic, severity]) => ({ alert, topic, severity }))).toEqual(
      alerts.map((alert) => ({ alert: alert.alert, topic: topicOf(alert), severity: alert.labels['severity'] })),
    );
  });
});
