import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { contractErrors } from '../../../src/operations/business-errors/contract-errors.ts';
import { reportErrors } from '../../../src/operations/business-errors/report-errors.ts';
import { apiHandler, guarded } from '../../../src/operations/http/wrap-handler.ts';
import { createLogger } from '../../../src/operations/logging.ts';
import { StoppedBySignal } from '../../../src/operations/shutdown.ts';
import { type LogLine, type ServiceUnderTest, startServiceUnderTest } from './service-under-test.ts';

let service: ServiceUnderTest;

beforeAll(async () => {
  service = await startServiceUnderTest({
    routes: (router, log) => {
      router.get(
        '/api/crash',
        apiHandler(contractErrors.CONTRACT_ERROR, () => {
          throw new TypeError('inside');
        }),
      );
      router.get(
        '/api/missing',
        apiHandler(contractErrors.CONTRACT_ERROR, () => {
          throw contractErrors.CONTRACT_NOT_FOUND({ contract: '9' });
        }),
      );
      const figures = guarded(reportErrors.REPORT_ERROR, { task: 'sum figures', log, report: (thrown, context) => void service.reports.push({ thrown, context }) }, () => {
        throw new RangeError('inside');
      });
      router.get('/page', figures);
    },
  });
});

beforeEach(() => {
  service.lines.length = 0;
  service.reports.length = 0;
});

afterAll(() => service.close());

describe('apiHandler', () => {
  it('answers what nobody foresaw as the area’s error, with the failure in log and report', async () => {
    const { status, body } = await service.json('/api/crash');
    expect(status).toBe(500);
    expect(body).toMatchObject({ success: false, error_code: 'CONTRACT_ERROR', category: 'business_logic', data: {}, message: 'The contract could not be processed' });
    const line = (await service.line('unexpected failure')) as unknown as { err: { stack: string } };
    expect(line.err.stack).toContain('TypeError: inside');
    expect(service.reports[0]?.thrown).toBeInstanceOf(TypeError);
    expect(service.reports[0]?.context.tags).toEqual({ error_code: 'CONTRACT_ERROR', category: 'business_logic' });
  });

  it('answers errors of the business as they are', async () => {
    expect(await service.json('/api/missing')).toMatchObject({ status: 404, body: { error_code: 'CONTRACT_NOT_FOUND', data: { contract: '9' } } });
    expect(service.reports).toEqual([]);
  });

  it('never answers a page, whatever the client accepts', async () => {
    const answer = await fetch(`${service.url}/api/missing`, { headers: { accept: 'text/html' } });
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const problem = await fetch(`${service.url}/api/missing`, { headers: { accept: 'text/html, application/problem+json' } });
    expect(problem.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  });
});

describe('guarded', () => {
  it('records a page’s failure once, under the id that the page shows', async () => {
    const answer = await fetch(`${service.url}/page`, { headers: { accept: 'text/html' } });
    const page = await answer.text();
    expect(answer.status).toBe(500);
    expect(service.reports).toHaveLength(1);
    expect(page).toContain(String(service.reports[0]?.context.errorId));
    expect(page).toContain('REPORT_ERROR');
    expect(service.lines.filter(({ msg }) => msg === 'unexpected failure')).toHaveLength(1);
    expect(service.reports[0]?.context.tags['task']).toBe('sum figures');
  });

  it('passes arguments and results through', async () => {
    const log = createLogger({ level: 'silent', name: 'test' });
    const add = guarded(contractErrors.CONTRACT_ERROR, { task: 'add', log }, (a: number, b: number) => a + b);
    expect(await add(1, 2)).toBe(3);
  });

  it('logs and reports work in the background, and throws the area’s error with its cause', async () => {
    const failure = new Error('disk on fire');
    const { run, lines, reports } = background(() => Promise.reject(failure));
    await expect(run()).rejects.toMatchObject({ code: 'CONTRACT_ERROR', cause: failure });
    expect(lines).toMatchObject([{ level: 'error', task: 'renew', error_code: 'CONTRACT_ERROR' }]);
    expect(reports).toEqual([failure]);
  });

  it('logs the same error object each time that it is met', async () => {
    const memoized = new Error('never came up');
    const { run, lines } = background(() => Promise.reject(memoized));
    await expect(run()).rejects.toMatchObject({ code: 'CONTRACT_ERROR' });
    await expect(run()).rejects.toMatchObject({ code: 'CONTRACT_ERROR' });
    expect(lines).toHaveLength(2);
  });

  it('does not take work that the process’s end stopped for a failure', async () => {
    const { run, lines, reports } = background(() => Promise.reject(new StoppedBySignal('SIGTERM')));
    await expect(run()).rejects.toThrow('stopped by SIGTERM');
    expect([lines, reports]).toEqual([[], []]);
  });
});

function background(work: () => Promise<string>) {
  const lines: LogLine[] = [];
  const reports: unknown[] = [];
  const log = createLogger({ level: 'info', name: 'test' }, { write: (line) => void lines.push(JSON.parse(line) as LogLine) });
  const run = guarded(contractErrors.CONTRACT_ERROR, { task: 'renew', log, report: (thrown) => void reports.push(thrown) }, work);
  return { run, lines, reports };
}
