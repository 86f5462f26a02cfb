import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type Manifest, renderChart } from '../charts/chart.ts';
import { ruleFiles, ruleGroupsOf } from './alerting-rules.ts';
import { dashboard } from './dashboard.ts';

async function rendered(kind: string, values: object): Promise<Manifest | undefined> {
  return (await renderChart({ values })).find((manifest) => manifest.kind === kind && (kind !== 'ConfigMap' || manifest.metadata.name.endsWith('-dashboard')));
}

const groupsInFile = (path = ''): unknown => ruleGroupsOf(readFileSync(path, 'utf8'));

describe('the chart', () => {
  it.each([
    ['controller and API work', {}, ruleFiles[0]],
    ['plain CronJobs do the work', { controller: { enabled: false } }, ruleFiles[1]],
    ['no API gives metrics', { api: { enabled: false } }, ruleFiles[1]],
  ])('makes a PrometheusRule of the rules as they are, where %s', async (_, values, file) => {
    const rule = await rendered('PrometheusRule', { ...values, monitoring: { rules: { enabled: true, labels: { release: 'prometheus' } } } });
    expect(rule?.['spec'].groups).toEqual(groupsInFile(file));
    expect(rule?.metadata.labels).toMatchObject({ release: 'prometheus' });
  });

  it('leads alerts and dashboard to where the runbooks are published', async () => {
    const values = { monitoring: { rules: { enabled: true, runbookUrl: 'https://wiki.example.com/backups/' }, dashboard: { enabled: true } } };
    const [rule, map] = await Promise.all([rendered('PrometheusRule', values), rendered('ConfigMap', values)]);
    const urls = rule?.['spec'].groups.flatMap(({ rules }: { rules: { annotations?: { runbook_url: string } }[] }) => rules.flatMap(({ annotations }) => annotations?.runbook_url ?? []));
    expect(urls.filter((url: string) => !/^https:\/\/wiki\.example\.com\/backups\/[a-z-]+$/.test(url))).toEqual([]);
    expect(JSON.parse(map?.['data']['holdfast.json']).links[0].url).toBe('https://wiki.example.com/backups');
  });

  it('hands the dashboard as it is to the sidecar of Grafana', async () => {
    const map = await rendered('ConfigMap', { monitoring: { dashboard: { enabled: true, annotations: { grafana_folder: 'Backups' } } } });
    expect(JSON.parse(map?.['data']['holdfast.json'])).toEqual(dashboard);
    expect(map?.metadata).toMatchObject({ labels: { grafana_dashboard: '1' }, annotations: { grafana_folder: 'Backups' } });
  });

  it('makes none of them unless told to: their kinds are not in every cluster', async () => {
    const kinds = (await renderChart()).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(kinds.filter((kind) => /PrometheusRule|ServiceMonitor|PodMonitor|-dashboard/.test(kind))).toEqual([]);
  });
});
