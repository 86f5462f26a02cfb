import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Registry } from 'prom-client';

export interface RenderedMetrics {
  readonly contentType: string;
  readonly body: string;
}

/**
 * Renders a registry in Prometheus's text format, one metric a turn of the event loop, so that a scrape of thousands of series holds
 * up no request for long. Scrapers that come while one is served share its answer.
 */
export function createMetricsRenderer(registry: Registry): () => Promise<RenderedMetrics> {
  let rendering: Promise<RenderedMetrics> | undefined;
  return () => {
    rendering ??= render(registry).finally(() => {
      rendering = undefined;
    });
    return rendering;
  };
}

async function render(registry: Registry): Promise<RenderedMetrics> {
  const blocks: string[] = [];
  for (const { name } of registry.getMetricsAsArray()) {
    blocks.push(await registry.getSingleMetricAsString(name));
    await nextTurn();
  }
  return { contentType: registry.contentType, body: `${blocks.join('\n\n')}\n` };
}
