import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DashboardFile } from './grafana-dashboard.ts';

export const dashboardText = readFileSync(fileURLToPath(new URL('../../charts/holdfast/dashboards/holdfast.json', import.meta.url)), 'utf8');
export const dashboard = JSON.parse(dashboardText) as DashboardFile;

/** Every query to Prometheus that its panels make. */
export function queriesOf({ panels }: DashboardFile): string[] {
  return panels.flatMap((panel) => (panel.type === 'row' ? [] : panel.targets.map(({ expr }) => expr)));
}
