import { describe, expect, it } from '@jest/globals';
import { exitCodeOf } from '../../src/operations/exit-codes.ts';
import { errorResult, errorText, fitResult } from '../../jobs/output.ts';
import { sourceErrors } from '../../jobs/engines/source-errors.ts';
import { StoppedBySignal } from '../../src/operations/shutdown.ts';
import { storeErrors } from '../../src/repository/stores/store.ts';

describe('fitResult', () => {
  it('keeps a small result whole', () => {
    expect(JSON.parse(fitResult({ ok: true, backups: [1, 2] }))).toEqual({ ok: true, backups: [1, 2] });
  });

  it('cuts the largest lists after the first items until 4 KiB hold it', () => {
    const fitted = fitResult({ ok: true, id: 'x', backups: Array.from({ length: 2000 }, (_, index) => ({ index })), warnings: ['one'] });
    expect(Buffer.byteLength(fitted)).toBeLessThanOrEqual(4096);
    expect(Buffer.byteLength(fitted)).toBeGreaterThan(4000);
    const { backups, ...rest } = JSON.parse(fitted) as { backups: { index?: number; omitted?: number }[] };
    expect(rest).toEqual({ ok: true, id: 'x', warnings: ['one'] });
    expect(backups.slice(0, 2)).toEqual([{ index: 0 }, { index: 1 }]);
    expect(backups.at(-1)).toEqual({ omitted: 2000 - (backups.length - 1) });
  });

  it('keeps only the number of a list beside others that take all the room', () => {
    const long = ['x'.repeat(5000)];
    const fitted = fitResult({ ok: true, first: [...long, ...long], second: long });
    expect(JSON.parse(fitted)).toEqual({ ok: true, first: [{ omitted: 2 }], second: [{ omitted: 1 }] });
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
