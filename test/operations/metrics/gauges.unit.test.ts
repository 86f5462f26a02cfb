import { afterEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { createHealth, type Health } from '../../../src/operations/health/health.ts';
import { createLogger } from '../../../src/operations/logging.ts';
import { observeConnections, observeHealth, observePools } from '../../../src/operations/metrics/gauges.ts';
import { createMetricsRenderer } from '../../../src/operations/metrics/render-metrics.ts';
import { waitFor } from '../wait-for.ts';

let health: Health | undefined;
afterEach(() => health?.stop());

async function samples(registry: Registry): Promise<string[]> {
  return (await createMetricsRenderer(registry)()).body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('gauges', () => {
  it('read pools and connections at each scrape', async () => {
    const registry = new Registry();
    const use = { used: 3, idle: 1, waiting: 0 };
    let connections = 7;
    observePools(registry, { catalog: () => use });
    observeConnections(registry, () => connections);
    expect(await samples(registry)).toEqual([
      'holdfast_pool_connections{pool="catalog",state="used"} 3',
      'holdfast_pool_connections{pool="catalog",state="idle"} 1',
      'holdfast_pool_connections{pool="catalog",state="waiting"} 0',
      'http_connections_active 7',
    ]);
    use.waiting = 2;
    connections = 8;
    expect(await samples(registry)).toEqual(expect.arrayContaining(['holdfast_pool_connections{pool="catalog",state="waiting"} 2', 'http_connections_active 8']));
  });

  it('show each check, how long it took, and the status of all', async () => {
    const registry = new Registry();
    const checks = [
      { name: 'database', critical: true, run: async () => ({}) },
      { name: 'redis', critical: false, run: () => Promise.reject(new Error('down')) },
    ];
    health = createHealth({ checks, log: createLogger({ level: 'silent', name: 'test' }) });
    observeHealth(registry, health);
    expect(await samples(registry)).toContain('holdfast_health_status{status="unhealthy"} 1');
    health.start();
    await waitFor(() => health?.report().status === 'degraded');
    expect(await samples(registry)).toEqual([
      'holdfast_check_up{check="database",critical="true"} 1',
      'holdfast_check_up{check="redis",critical="false"} 0',
      'holdfast_health_status{status="healthy"} 0',
      'holdfast_health_status{status="degraded"} 1',
      'holdfast_health_status{status="unhealthy"} 0',
      expect.stringMatching(/^holdfast_check_duration_seconds\{check="database"\} [\d.e-]+$/),
      expect.stringMatching(/^holdfast_check_duration_seconds\{check="redis"\} [\d.e-]+$/),
    ]);
  });
});
