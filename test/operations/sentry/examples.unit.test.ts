import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { attributeOf, type SentrySink, startSentrySink } from './sentry-sink.ts';

const root = new URL('../../../', import.meta.url).pathname;
const files = readdirSync(`${root}examples/sentry`).filter((name) => name.endsWith('.ts'));
const page = readFileSync(`${root}docs/sentry.md`, 'utf8');

describe('the examples of docs/sentry.md', () => {
  it.each(files)('show %s as it is', (name) => {
    const source = readFileSync(`${root}examples/sentry/${name}`, 'utf8').trimEnd();
    expect(page).toContain(`\`\`\`ts\n// examples/sentry/${name}\n${source}\n\`\`\``);
  });

  it('are all files that are checked and run', () => {
    const shown = [...page.matchAll(/^```ts\n(.*)$/gm)].map(([, first]) => first);
    expect(shown).toEqual(files.map((name) => `// examples/sentry/${name}`));
    expect(files.length).toBeGreaterThanOrEqual(15);
  });
});

describe('the examples, run', () => {
  let sink: SentrySink;

  beforeAll(async () => {
    sink = await startSentrySink();
    const variables = { PATH: process.env['PATH'], SENTRY_DSN: sink.dsn, SENTRY_TRACES_SAMPLE_RATE: '1' };
    await promisify(execFile)(process.execPath, [`${root}test/operations/sentry/examples-program.ts`], { env: variables });
  });

  afterAll(() => sink.close());

  const eventsOf = (id: string): Record<string, unknown>[] => sink.items('event').filter((event) => (event['tags'] as Record<string, string>)['task_id'] === id);

  it.each([
    ['03', { tags: { provider: 'alipay', currency: 'CNY' }, extra: { payment: { receivedCents: 12_000 } } }],
    ['04', { tags: { store: 'shanghai-12', contract: 'c-2024-0815' } }],
    ['05', { contexts: { terms: { areaSquareMetres: 84, pricePerSquareMetre: '[NaN]' } } }],
    ['06', { breadcrumbs: [{ message: 'read the file', data: { rows: 210 } }, { message: 'created stores' }] }],
    ['07', { breadcrumbs: [{ message: 'sending notifications', level: 'info' }, { message: 'the gateway refused one', level: 'error' }] }],
    ['m-1', { tags: { queue: 'mail' } }],
    ['warm-caches', { exception: { values: [{ value: 'the figures of May are missing' }] } }],
    ['16', { extra: { connection: { url: 'https://[Filtered]@bank.example/api', apiKey: '[Filtered]', account: '4711' } } }],
  ])('%s sends its one event', (id, expected) => {
    const events = eventsOf(id);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject(expected);
  });

  it.each(['08', '11', '12', '13'])('%s sends none', (id) => {
    expect(eventsOf(id)).toEqual([]);
  });

  it('14 sends one event, by its route', () => {
    expect(sink.items('event').filter(({ transaction }) => transaction === 'GET /invoices/:id')).toHaveLength(1);
  });

  it('08 and 10 show as spans', () => {
    const names = sink.spans().map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['collect the figures', 'render the sheet', 'publish mail', 'process mail']));
    expect(sink.spans().filter((span) => attributeOf(span, 'sentry.op') === 'http.server')).toHaveLength(1);
  });

  it('11 checks in well, 12 badly', () => {
    expect(sink.items('check_in').map((item) => [item['monitor_slug'], item['status']])).toEqual([
      ['close-books', 'in_progress'], ['close-books', 'ok'], ['remind-shanghai-12', 'in_progress'], ['remind-shanghai-12', 'error'],
    ]);
  });
});
