import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningProgram, startProgram } from './program.ts';
import { type SentrySink, startSentrySink } from './sentry-sink.ts';

interface SentEvent {
  readonly environment: string;
  readonly release: string;
  readonly level: string;
  readonly transaction: string;
  readonly tags: Record<string, string>;
  readonly user: Record<string, string>;
  readonly request: { readonly url: string; readonly method: string; readonly headers: Record<string, string> };
  readonly breadcrumbs?: readonly { readonly message: string }[];
  readonly exception: { readonly values: readonly { readonly type: string; readonly value: string }[] };
}

let sink: SentrySink;
let program: RunningProgram;

beforeAll(async () => {
  sink = await startSentrySink();
  program = await startProgram({ SENTRY_DSN: sink.dsn, SENTRY_TRACES_SAMPLE_RATE: '0', ENVIRONMENT: 'staging', RELEASE: 'shop@1.2.3' });
});

afterAll(async () => {
  program.child.kill();
  await sink.close();
});

/** Calls a route, and gives the answer's error id. */
async function call(path: string): Promise<string | undefined> {
  const response = await fetch(`${program.url}${path}`, { headers: { 'user-agent': 'tester', accept: 'application/json' } });
  const text = await response.text();
  return text.startsWith('{') ? (JSON.parse(text) as { error_id?: string }).error_id : undefined;
}

const eventOf = (errorId: string | undefined): SentEvent[] => (sink.items('event') as unknown as SentEvent[]).filter((event) => event.tags['error_id'] === errorId);

describe('an unexpected error of a request', () => {
  it('is one event, with what names it and who met it, and no more of the request than its route', async () => {
    const errorId = await call('/boom/4711?page=2');
    await sink.until('event', 1);
    const [event, ...others] = eventOf(errorId);
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      environment: 'staging',
      release: 'shop@1.2.3',
      transaction: 'GET /boom/:id',
      tags: { error_code: 'INTERNAL_ERROR', category: 'internal', route: '/boom/:id', role: 'operator', via: 'session' },
      user: { id: 'u-7' },
      request: { method: 'GET', url: '/boom/:id', headers: { 'user-agent': 'tester' } },
      exception: { values: [{ type: 'Error', value: 'boom' }] },
    });
    expect(Object.keys(event?.user ?? {})).toEqual(['id']);
    expect(program.log()).toContain(errorId);
  });

  it('carries the log lines of its own request, and none of another', async () => {
    const before = sink.items('event').length;
    const ids = await Promise.all(['a', 'b', 'c', 'd'].map((name) => call(`/boom/${name}`)));
    await sink.until('event', before + 4);
    const told = ids.map((id) => eventOf(id)[0]?.breadcrumbs?.map(({ message }) => message));
    expect(told).toEqual(['a', 'b', 'c', 'd'].map((name) => [`looking at ${name}`, 'unexpected failure']));
  });

  it('is an event each time, also when two requests fail alike', async () => {
    const before = sink.items('event').length;
    await call('/boom/x');
    await call('/boom/x');
    expect(await sink.until('event', before + 2)).toHaveLength(before + 2);
  });

  it.each([
    ['/differs', { error_code: 'SHELF_DIFFERS', category: 'integrity' }],
    ['/twice', {}],
    ['/thrown-text', { error_code: 'INTERNAL_ERROR' }],
    ['/stream', {}],
  ])('of %s is one event', async (path, tags) => {
    const before = sink.items('event').length;
    await call(path);
    await sink.until('event', before + 1);
    // Another that comes for sure, after any that should not have.
    await call('/boom/last');
    const events = await sink.until('event', before + 2);
    expect(events).toHaveLength(before + 2);
    expect(events[before]).toMatchObject({ tags });
  });
});

describe('an expected error of a request', () => {
  it.each(['/missing', '/busy', '/teapot', '/no-such-route'])('%s is no event', async (path) => {
    const before = sink.items('event').length;
    for (let round = 0; round < 5; round += 1) await call(path);
    await call('/boom/last');
    expect(await sink.until('event', before + 1)).toHaveLength(before + 1);
  });
});

describe('tasks and schedules', () => {
  it('check in before and after, with the outcome; a failed task is one event', async () => {
    const before = sink.items('event').length;
    program.child.send('tasks');
    const checkIns = await sink.until('check_in', 6);
    expect(checkIns.map(({ status }) => status)).toEqual(['in_progress', 'ok', 'in_progress', 'error', 'in_progress', 'error']);
    expect(checkIns[0]).toMatchObject({
      monitor_slug: 'nightly', environment: 'staging', release: 'shop@1.2.3',
      monitor_config: { schedule: { type: 'crontab', value: '0 2 * * *' }, timezone: 'Asia/Shanghai', max_runtime: 30 },
    });
    expect(checkIns[1]?.['check_in_id']).toBe(checkIns[0]?.['check_in_id']);
    const events = await sink.until('event', before + 1);
    expect(events.slice(before)).toEqual([expect.objectContaining({ tags: expect.objectContaining({ queue: 'mail', task_id: '2' }) })]);
  });
});

describe('a rate of traces of 0', () => {
  it('sends no span', async () => {
    const before = sink.items('event').length;
    for (let round = 0; round < 50; round += 1) await call('/ok');
    await call('/boom/last');
    await sink.until('event', before + 1);
    expect(sink.spans()).toEqual([]);
  });
});

describe('an error that ends the process', () => {
  it.each(['reject', 'throw'])('is reported when nobody handles it (%s)', async (how) => {
    const before = sink.items('event').length;
    const other = await startProgram({ SENTRY_DSN: sink.dsn, SENTRY_TRACES_SAMPLE_RATE: '0' });
    other.child.send(how);
    expect(await other.ended).toBe(1);
    const events = await sink.until('event', before + 1);
    expect(events.slice(before)).toEqual([expect.objectContaining({ level: 'fatal' })]);
  });
});

describe('without a DSN', () => {
  it('nothing of Sentry is loaded and nothing is sent, by an unexpected error either', async () => {
    const before = sink.envelopes.length;
    const off = await startProgram({});
    expect(off).toMatchObject({ on: false, sentryLoaded: false });
    expect((await fetch(`${off.url}/boom/1`)).status).toBe(500);
    expect(await off.stop()).toBe(0);
    expect(sink.envelopes).toHaveLength(before);
  });
});

describe('the rate of errors', () => {
  it('is the share of unexpected errors that is sent', async () => {
    const own = await startSentrySink();
    const half = await startProgram({ SENTRY_DSN: own.dsn, SENTRY_TRACES_SAMPLE_RATE: '0', SENTRY_SAMPLE_RATE: '0.5' });
    for (let round = 0; round < 100; round += 1) await (await fetch(`${half.url}/boom/1`)).text();
    await half.stop();
    // Binomial, 100 at 0.5: outside of these bounds once in ten million runs.
    expect(own.items('event').length).toBeGreaterThan(23);
    expect(own.items('event').length).toBeLessThan(77);
    await own.close();
  });
});
