import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { acceptedLanguage } from '../../../src/operations/http/accepted-language.ts';
import { type ServiceUnderTest, startServiceUnderTest } from './service-under-test.ts';

let service: ServiceUnderTest;

beforeAll(async () => {
  service = await startServiceUnderTest({
    routes: (router) => {
      router.get('/shops/:id', (ctx) => {
        ctx.state.log.info('looked up');
        ctx.body = { id: ctx.state.requestId };
      });
    },
  });
});

beforeEach(() => {
  service.lines.length = 0;
});

afterAll(() => service.close());

describe('a request’s id', () => {
  it.each(['abc-123', '4bf92f3577b34da6a3ce929d0e0e4736', 'a'.repeat(128)])('is the caller’s when it is well-formed: %s', async (id) => {
    const { headers, body } = await service.json('/shops/1', { headers: { 'x-request-id': id } });
    expect([headers.get('x-request-id'), body['id']]).toEqual([id, id]);
    expect((await service.line('looked up'))['request_id']).toBe(id);
  });

  it.each(['', 'a b', 'a'.repeat(129), '"quoted"', '<b>', 'käse'])('is a new one otherwise: %j', async (id) => {
    const { headers } = await service.json('/shops/1', { headers: { 'x-request-id': id } });
    expect(headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
  });
});

describe('a request’s line', () => {
  it('names method, route template, status, time and bytes, and neither path nor query', async () => {
    await service.json('/shops/4711?token=hunter2');
    const line = await service.line('request');
    expect(line).toMatchObject({ level: 'info', method: 'GET', route: '/shops/:id', status: 200, duration_ms: expect.any(Number), bytes: expect.any(Number) });
    expect(Number(line['bytes'])).toBeGreaterThan(100);
    expect(JSON.stringify(service.lines)).not.toMatch(/4711|hunter2/);
  });

  it('is written for what no route took', async () => {
    await service.json('/secret/path');
    expect(await service.line('request')).toMatchObject({ route: 'other', status: 404 });
  });
});

describe('acceptedLanguage', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['zh', 'zh'],
    ['zh-TW', 'zh'],
    ['ZH-hans-CN', 'zh'],
    ['en-US,en;q=0.9,zh;q=0.8', 'en'],
    ['en;q=0.5, zh;q=0.9', 'zh'],
    ['fr, zh;q=0.2', 'zh'],
    ['*', 'en'],
    ['zh;q=0', 'en'],
    ['zh;q=nonsense', 'en'],
    ['zhuang', 'en'],
    ['fr,de', 'en'],
    [';;,,;q=1', 'en'],
    [`zh,${'x,'.repeat(5000)}`, 'zh'],
  ] as const)('%j → %s', (header, language) => {
    expect(acceptedLanguage(header)).toBe(language);
  });
});
