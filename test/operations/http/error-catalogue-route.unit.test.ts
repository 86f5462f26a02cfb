import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { contractErrors } from '../../../src/operations/business-errors/contract-errors.ts';
import { errorCatalogue } from '../../../src/operations/http/error-catalogue.ts';
import { errorCatalogueRoute } from '../../../src/operations/http/error-catalogue-route.ts';
import { httpErrors } from '../../../src/operations/http/http-errors.ts';
import { type ServiceUnderTest, startServiceUnderTest } from './service-under-test.ts';

const catalogue = errorCatalogue([
  { area: { en: 'Contracts', zh: '合同' }, definitions: contractErrors.definitions },
  { area: { en: 'Requests', zh: '请求' }, definitions: httpErrors.definitions },
]);
let service: ServiceUnderTest;

beforeAll(async () => {
  service = await startServiceUnderTest({ routes: (router) => void router.get('/errors', errorCatalogueRoute(catalogue)) });
});

afterAll(() => service.close());

describe('the error catalogue', () => {
  it('is JSON for programs', async () => {
    const { status, body } = await service.json('/errors');
    expect(status).toBe(200);
    const { areas } = body as { areas: { area: string; errors: { code: string }[] }[] };
    expect(areas.map(({ area }) => area)).toEqual(['Contracts', 'Requests']);
    expect(areas[0]?.errors.find(({ code }) => code === 'CONTRACT_EXPIRED')).toEqual({
      code: 'CONTRACT_EXPIRED',
      status: 409,
      category: 'business_logic',
      retryable: false,
      message: 'Contract {contract} ended on {end}',
      hint: 'Renew it, or draw up a new contract.',
    });
  });

  it('is a page for people, in their language, in which each code is a fragment that problem documents point to', async () => {
    const answer = await fetch(`${service.url}/errors`, { headers: { accept: 'text/html', 'accept-language': 'zh' } });
    const page = await answer.text();
    expect(page).toContain('<tr id="CONTRACT_EXPIRED">');
    expect(page).toContain('合同 {contract} 已于 {end} 到期');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'; style-src 'sha256-");
    expect(answer.headers.get('vary')).toBe('Accept, Accept-Language');
  });
});
