import { describe, expect, it } from '@jest/globals';
import { exitCodeOf } from '../../jobs/exit-codes.ts';
import { errorResult, errorText, fitResult } from '../../jobs/output.ts';
import { sourceErrors } from '../../jobs/engines/source-errors.ts';
import { StoppedBySignal } from '../../src/operations/shutdown.ts';
import { storeErrors } from '../../src/repository/stores/store.ts';

describe('fitResult', () => {
  it('keeps a small result whole', () => {
    expect(JSON.parse(fitResult({ ok: true, backups: [1, 2] }))).toEqual({ ok: true, backups: [1, 2] });
  });

  it('replaces the largest lists by their length until 4 KiB hold it', () => {
    const fitted = fitResult({ ok: true, id: 'x', backups: Array.from({ length: 2000 }, (_, index) => ({ index })), warnings: ['one'] });
    expect(Buffer.byteLength(fitted)).toBeLessThanOrEqual(4096);
    expect(JSON.parse(fitted)).toEqual({ ok: true, id: 'x', backups: { omitted: 2000 }, warnings: ['one'] });
  });
});

describe('a failure', () => {
  const refused = sourceErrors.SOURCE_REFUSED({ source: 'postgres://me@db/shop', reason: 'no such database' });

  it('has the exit code of its category', () => {
    expect(exitCodeOf(refused)).toBe(3);
    expect(exitCodeOf(storeErrors.STORE_FULL({ store: 's', key: 'k' }))).toBe(4);
    expect(exitCodeOf(new StoppedBySignal('SIGTERM'))).toBe(143);
    expect(exitCodeOf(new Error('?'))).toBe(1);
  });

  it('says in the reader’s language what happened, to what, and what to do', () => {
    expect(errorText(refused, 'en')).toContain('SOURCE_REFUSED: The database postgres://me@db/shop refused: no such database\n  Check user');
    expect(errorText(refused, 'zh')).toContain('拒绝访问');
    expect(errorResult(refused, 'en')).toMatchObject({ code: 'SOURCE_REFUSED', category: 'source', exitCode: 3, retryable: false });
  });
});
