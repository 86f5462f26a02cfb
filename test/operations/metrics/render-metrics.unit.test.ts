import { describe, expect, it } from '@jest/globals';
import { Gauge, Histogram } from 'prom-client';
import { createRegistry } from '../../../src/operations/metrics/registry.ts';
import { createMetricsRenderer } from '../../../src/operations/metrics/render-metrics.ts';

/** The longest time for which nothing else had a turn while `work` ran, as this thread's CPU time: what else the machine does is left out. */
async function longestBlockMs(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = cpuMs();
  let running = true;
  const tick = () => {
    const now = cpuMs();
    longest = Math.max(longest, now - last);
    last = now;
    if (running) setImmediate(tick);
  };
  setImmediate(tick);
  await work();
  running = false;
  tick();
  return longest;
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

describe('rendering', () => {
  it('of 5,000 series holds the event loop up for less than 50 ms at a time', async () => {
    const registry = createRegistry({ version: 'test' });
    const histogram = new Histogram({ name: 'durations_seconds', help: 'x', labelNames: ['method', 'route', 'status'], registers: [registry] });
    for (let index = 0; index < 358; index += 1) {
      histogram.observe({ method: 'GET', route: `/resources/:id/parts/${index}`, status: 200 }, index / 358);
    }
    const render = createMetricsRenderer(registry);
    const blocks = [];
    for (let round = 0; round < 5; round += 1) blocks.push(await longestBlockMs(render));
    expect((await render()).body.split('\n').filter((line) => line.startsWith('durations_seconds')).length).toBeGreaterThan(5_000);
    expect(blocks.toSorted((a, b) => a - b)[2]).toBeLessThan(50);
  });

  it('is shared by scrapers that come at the same time, and fresh for the next', async () => {
    const registry = createRegistry({ version: 'test' });
    let reads = 0;
    const gauge: Gauge = new Gauge({ name: 'reads', help: 'x', registers: [registry], collect: () => gauge.set((reads += 1)) });
    const render = createMetricsRenderer(registry);
    const [first, second] = await Promise.all([render(), render()]);
    expect(first).toBe(second);
    expect(first.body).toContain('reads 1\n');
    expect((await render()).body).toContain('reads 2\n');
  });

  it('passes a failing metric on, and works again after it', async () => {
    const registry = createRegistry({ version: 'test' });
    let broken = true;
    const gauge: Gauge = new Gauge({
      name: 'pool',
      help: 'x',
      registers: [registry],
      collect() {
        if (broken) throw new Error('no pool');
        gauge.set(1);
      },
    });
    const render = createMetricsRenderer(registry);
    await expect(render()).rejects.toThrow('no pool');
    broken = false;
    expect((await render()).body).toContain('pool 1');
  });
});
