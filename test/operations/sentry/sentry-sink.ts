import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';

export interface EnvelopeItem {
  readonly type: string;
  readonly payload: Record<string, unknown>;
}

/** A local server that speaks Sentry's envelope endpoint and keeps what arrives. */
export interface SentrySink {
  readonly dsn: string;
  /** Whole envelopes as they came, unpacked. */
  readonly envelopes: readonly string[];
  items(type: string): Record<string, unknown>[];
  /** Streamed spans, from all containers. */
  spans(): Record<string, unknown>[];
  /** Waits until `count` items of a type have come, ten seconds at most. */
  until(type: string, count: number): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export async function startSentrySink(): Promise<SentrySink> {
  const envelopes: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      envelopes.push((request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString());
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const items = (type: string): Record<string, unknown>[] => envelopes.flatMap(itemsOf).filter((item) => item.type === type).map(({ payload }) => payload);
  return {
    dsn: `http://publickey@127.0.0.1:${(server.address() as AddressInfo).port}/42`,
    envelopes,
    items,
    spans: () => items('span').flatMap((container) => container['items'] as Record<string, unknown>[]),
    until: async (type, count) => {
      for (const limit = Date.now() + 10_000; items(type).length < count; await sleep(20)) {
        if (Date.now() > limit) throw new Error(`${items(type).length} of ${count} items of type ${type} came: ${envelopes.join('\n')}`);
      }
      return items(type);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => { resolve(); });
        server.closeAllConnections();
      }),
  };
}

/** The value of a streamed span's attribute. */
export function attributeOf(span: Record<string, unknown>, name: string): unknown {
  return (span['attributes'] as Record<string, { value: unknown } | undefined>)[name]?.value;
}

/** One JSON a line: the envelope's header, then a header and a payload an item. */
function itemsOf(envelope: string): EnvelopeItem[] {
  const lines = envelope.split('\n').slice(1).filter((line) => line !== '');
  const items: EnvelopeItem[] = [];
  for (let index = 0; index + 1 < lines.length; index += 2) {
    const header = JSON.parse(lines[index] ?? '') as { type: string };
    items.push({ type: header.type, payload: JSON.parse(lines[index + 1] ?? '') as Record<string, unknown> });
  }
  return items;
}
