import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { dashboard, dashboardText, queriesOf } from './dashboard.ts';
import { knownMetrics, metricsIn } from './metric-names.ts';

const root = join(import.meta.dirname, '../..');
const panels = dashboard.panels.filter((panel) => panel.type !== 'row');

/** What the compiler says of a dashboard against Grafana's own types; nothing where it fits. */
async function misfits(dashboardJson: string): Promise<string> {
  await mkdir(join(root, '.cache'), { recursive: true });
  const folder = await mkdtemp(join(root, '.cache/dashboard-'));
  try {
    const model = join(import.meta.dirname, 'grafana-dashboard.ts');
    await writeFile(join(folder, 'dashboard.ts'), `import type { DashboardFile } from '${model}';\nexport const dashboard = (${dashboardJson}) satisfies DashboardFile;\n`);
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ extends: join(root, 'tsconfig.json'), include: ['dashboard.ts'] }));
    return await promisify(execFile)(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]).then(
      () => '',
      ({ stdout }: { readonly stdout: string }) => stdout,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('the dashboard', () => {
  it("is one by Grafana's own types", async () => {
    expect(await misfits(dashboardText)).toBe('');
  });

  it.each([
    ['a field that there is none of', '"expr"', '"expression"'],
    ['an option of another value', '"graphMode": "none"', '"graphMode": "nothing"'],
  ])('would not be one with %s', async (_, right, wrong) => {
    expect(await misfits(dashboardText.replace(right, wrong))).toContain('error TS');
  });

  it('answers one question a row', () => {
    expect(dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title)).toEqual([
      'Are we safe?',
      'Since when?',
      'At what cost?',
      'What failed?',
      'Does Holdfast itself work?',
    ]);
  });

  it('asks only for metrics that the service and the controller give', () => {
    const known = knownMetrics();
    expect(queriesOf(dashboard).flatMap(metricsIn).filter((name) => !known.has(name))).toEqual([]);
  });

  it('gives each panel an id of its own, and each query of a panel a letter of its own', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const { targets } of panels) expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
  });

  it('covers its 24 columns without gaps or panels over each other', () => {
    const cells = dashboard.panels.flatMap(({ gridPos = { x: 0, y: 0, w: 0, h: 0 } }) =>
      Array.from({ length: gridPos.h * gridPos.w }, (_, index) => `${gridPos.x + (index % gridPos.w)},${gridPos.y + Math.floor(index / gridPos.w)}`));
    const height = Math.max(...dashboard.panels.map(({ gridPos }) => (gridPos?.y ?? 0) + (gridPos?.h ?? 0)));
    expect(new Set(cells).size).toBe(cells.length);
    expect(cells).toHaveLength(24 * height);
  });

  it('takes every figure from the data source that is chosen, narrowed by what is chosen', () => {
    for (const { targets } of panels) for (const { datasource } of targets) expect(datasource).toEqual({ type: 'prometheus', uid: '${datasource}' });
    const selectors = queriesOf(dashboard).flatMap((query) => [...query.matchAll(/holdfast_(?:schedule|backup|drill|repository)_\w+(?::\w+)?(\{[^}]*\})?/g)]);
    expect(selectors.filter(([, selector]) => selector?.includes('namespace=~"$namespace"') !== true).map(([text]) => text)).toEqual([]);
  });
});
