import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/**
 * A registry of its own with what every process tells: CPU, memory, file descriptors, event loop lag, garbage collection, and
 * `holdfast_build_info` for joining figures with the release. Metrics of the service are added to it.
 */
export function createRegistry({ version }: { readonly version: string }): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const build = new Gauge({
    name: 'holdfast_build_info',
    help: 'Always 1; its labels say what runs.',
    labelNames: ['version', 'node_version'],
    registers: [registry],
  });
  build.set({ version, node_version: process.version }, 1);
  return registry;
}
