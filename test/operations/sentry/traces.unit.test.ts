import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startProgram } from './program.ts';
import { attributeOf, type SentrySink, startSentrySink } from './sentry-sink.ts';

let sink: SentrySink;

beforeEach(async () => {
  sink = await startSentrySink();
});

afterEach(async () => {
  await sink.close();
});

/** Calls /ok so many times, and gives the spans that were sent. */
async function traced(rate: string, count: number, headers: Record<string, string> = {}): Promise<Record<string, unknown>[]> {
  const program = await startProgram({ SENTRY_DSN: sink.dsn, SENTRY_TRACES_SAMPLE_RATE: rate, RELEASE: 'shop@1.2.3', ENVIRONMENT: 'staging' });
  for (let round = 0; round < count; round += 1) await (await fetch(`${program.url}/ok`, { headers })).text();
  await program.stop();
  return sink.spans().filter((span) => span['is_segment'] === true);
}

describe('traces', () => {
  it('are of a tenth of the requests at a rate of 0.1, each said to stand for ten', async () => {
    const spans = await traced('0.1', 1000);
    // Binomial, 1,000 at 0.1: outside of these bounds once in ten million runs.
    expect(spans.length).toBeGreaterThan(55);
    expect(spans.length).toBeLessThan(155);
    expect(attributeOf(spans[0] ?? {}, 'sentry.sample_rate')).toBe(0.1);
  });

  it('are of every request at a rate of 1, named by route, with status, release and environment', async () => {
    const spans = await traced('1', 3);
    expect(spans).toHaveLength(3);
    expect(spans[0]).toMatchObject({ name: 'GET /ok' });
    const attributes = ['http.response.status_code', 'http.route', 'sentry.release', 'sentry.environment', 'sentry.op', 'user.id'].map((name) => attributeOf(spans[0] ?? {}, name));
    expect(attributes).toEqual([200, '/ok', 'shop@1.2.3', 'staging', 'http.server', 'u-7']);
  });

  it('join the trace that a caller began, whether it samples or not', async () => {
    const traceId = 'd'.repeat(32);
    await traced('1', 1, { 'sentry-trace': `${traceId}-${'a'.repeat(16)}-1` });
    const spans = await traced('1', 1, { 'sentry-trace': `${traceId}-${'a'.repeat(16)}-0` });
    expect(spans.map((span) => span['trace_id'])).toEqual([traceId, traceId]);
  });

  it('cannot be forced by a caller', async () => {
    const headers = { 'sentry-trace': `${'d'.repeat(32)}-${'a'.repeat(16)}-1`, baggage: 'sentry-sample_rand=0.000001,sentry-sampled=true,sentry-sample_rate=1' };
    expect((await traced('0.02', 100, headers)).length).toBeLessThan(15);
  });

  it('take hostile headers for none', async () => {
    const spans = await traced('1', 1, { 'sentry-trace': 'x'.repeat(5000), baggage: '=,;='.repeat(500) });
    expect(spans).toHaveLength(1);
  });

  it('of tasks measure publishing and running as one trace, and how long the task waited', async () => {
    const program = await startProgram({ SENTRY_DSN: sink.dsn, SENTRY_TRACES_SAMPLE_RATE: '1' });
    program.child.send('tasks');
    await sink.until('event', 1);
    await program.stop();
    const spans = sink.spans().filter((span) => String(attributeOf(span, 'sentry.op')).startsWith('queue.'));
    expect(new Set(spans.map(({ name }) => name))).toEqual(new Set(['process mail', 'process publisher', 'publish mail']));
    expect(new Set(spans.map((span) => span['trace_id'])).size).toBe(1);
    const mail = spans.find(({ name }) => name === 'process mail');
    expect(mail?.['status']).toBe('error');
    expect(attributeOf(mail ?? {}, 'messaging.message.receive.latency')).toEqual(expect.any(Number));
  });
});
