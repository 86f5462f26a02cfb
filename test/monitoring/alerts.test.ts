import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dump } from 'js-yaml';
import { alerts, ruleFiles, topicOf } from './alerting-rules.ts';
import { dashboard, queriesOf } from './dashboard.ts';
import { type InputSeries, promtoolTestsOf } from './promtool-tests.ts';

const run = promisify(execFile);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-alerts-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Whether promtool with these words ended with exit code 0, and what it said. */
async function promtool(...words: string[]): Promise<{ readonly passed: boolean; readonly said: string }> {
  return run('promtool', words).then(
    ({ stdout }) => ({ passed: true, said: stdout }),
    ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }) => ({ passed: false, said: `${stdout}${stderr}` }),
  );
}

describe('promtool', () => {
  it('finds nothing wrong with the rules', async () => {
    expect(await promtool('check', 'rules', ...ruleFiles)).toMatchObject({ passed: true });
  });

  it('reads every query of the dashboard', async () => {
    // Rules are what it checks expressions in.
    const rules = queriesOf(dashboard).map((query, index) => ({ record: `query:${index}`, expr: query.replaceAll('$__rate_interval', '5m') }));
    const path = join(folder, 'queries.yaml');
    await writeFile(path, dump({ groups: [{ name: 'dashboard', rules }] }));
    expect(await promtool('check', 'rules', path)).toMatchObject({ passed: true });
  });

  // As two replicas of the API give them: what is right of their series together fires once.
  it.each(alerts)('sees $alert fire, not fire, and clear', async (alert) => {
    const path = join(folder, `${topicOf(alert)}.test.yaml`);
    const written = promtoolTestsOf(alert);
    const tests = written.tests.map((test) => ({ ...test, input_series: test.input_series.flatMap(ofTwoReplicas) }));
    await writeFile(path, dump({ ...written, rule_files: ruleFiles, tests }));
    expect(await promtool('test', 'rules', path)).toMatchObject({ passed: true });
  });
});

/** A series that says whose it is stays as it is. */
function ofTwoReplicas({ series, values }: InputSeries): InputSeries[] {
  if (series.includes('pod="')) return [{ series, values }];
  return ['api-1', 'api-2'].map((pod) => ({ series: series.replace('}', `, pod="${pod}"}`), values }));
}
