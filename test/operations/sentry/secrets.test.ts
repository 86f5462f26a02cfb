import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { service } from '../../services/database.ts';
import { plantedSecrets as secrets } from './planted-secrets.ts';
import { type RunningProgram, startProgram } from './program.ts';
import { attributeOf, type SentrySink, startSentrySink } from './sentry-sink.ts';

let sink: SentrySink;
let program: RunningProgram;
let outside: Server;

beforeAll(async () => {
  sink = await startSentrySink();
  outside = createServer((_request, response) => response.end('ok'));
  await new Promise<void>((resolve) => { outside.listen(0, '127.0.0.1', resolve); });
  program = await startProgram({
    SENTRY_DSN: sink.dsn,
    SENTRY_TRACES_SAMPLE_RATE: '1',
    PROGRAM_REDIS_URL: service('TEST_REDIS_URL'),
    PROGRAM_DATABASE_URL: service('TEST_DATABASE_URL'),
    PROGRAM_OUTGOING_URL: `http://127.0.0.1:${(outside.address() as AddressInfo).port}`,
    SHOP_SECRET: secrets.environmentVariable,
    SHOP_QUEUE: `amqp://ann:${secrets.environmentUrl}@queue`,
  });
  await fetch(`${program.url}/leak/${secrets.pathSegment}?token=${secrets.queryToken}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${secrets.headerAuthorization}`,
      cookie: `sid=${secrets.headerCookie}`,
      'x-api-key': secrets.headerApiKey,
      'user-agent': `client token=${secrets.headerUserAgentToken}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ password: secrets.body }),
  });
  await fetch(`${program.url}/database`);
  await sink.until('event', 1);
  await program.stop();
});

afterAll(async () => {
  program.child.kill();
  outside.close();
  await sink.close();
});

describe('what leaves for Sentry', () => {
  it('is an event, breadcrumbs and spans, as far as this test needs', () => {
    expect(sink.items('event')).toHaveLength(1);
    expect(sink.spans().length).toBeGreaterThan(8);
    expect(JSON.stringify(sink.items('event'))).toMatch(/drawers.*3/);
  });

  it.each(Object.entries(secrets))('holds no secret: %s', (_place, secret) => {
    const spellings = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
    expect(spellings.filter((spelling) => sink.envelopes.some((envelope) => envelope.includes(spelling)))).toEqual([]);
  });

  it('traces database, cache, Redis and outgoing requests below their request, and their own pieces', () => {
    const spans = sink.spans();
    const root = spans.find(({ name }) => name === 'GET /database');
    expect(root).toMatchObject({ is_segment: true, status: 'ok' });
    const below = spans.filter((span) => span['trace_id'] === root?.['trace_id']);
    const operations = below.map((span) => String(attributeOf(span, 'sentry.op'))).toSorted((one, other) => one.localeCompare(other));
    expect(operations).toEqual(['cache.get', 'cache.put', 'db', 'db.redis', 'db.redis', 'function', 'http.client', 'http.server']);
    const query = below.find((span) => attributeOf(span, 'sentry.op') === 'db');
    expect(query?.['parent_span_id']).toBe(below.find(({ name }) => name === 'price the basket')?.['span_id']);
    expect(attributeOf(query ?? {}, 'db.query.text')).toBe('SELECT $1::text AS price, ? AS literal');
    const hit = below.find((span) => attributeOf(span, 'sentry.op') === 'cache.get');
    expect(attributeOf(hit ?? {}, 'cache.hit')).toBe(true);
  });
});
