import { describe, expect, test } from '@jest/globals';
import { errorResult, fitResult } from '../../jobs/output.ts';
import { readRunResult } from '../../src/kubernetes/run-result.ts';
import { repositoryErrors } from '../../src/repository/repository-errors.ts';

const id = (index: number) => `20260116T18${String(index).padStart(4, '0')}Z-abc123`;
const ids = (count: number) => Array.from({ length: count }, (_, index) => id(index));

describe('readRunResult', () => {
  test("reads a backup's result as the job writes it", () => {
    const result = { ok: true, command: 'backup', id: id(1), source: 'orders', stateAt: '2026-01-16T18:04:45.000Z', sizes: { raw: 10, stored: 5, newStored: 2, tables: 1, rows: 3, parts: 1, newParts: 1 }, warnings: [], durationMs: 12, dryRun: false };
    expect(readRunResult(fitResult(result))).toMatchObject({ ok: true, id: id(1), stateAt: '2026-01-16T18:04:45.000Z', sizes: { raw: 10, stored: 5, newStored: 2 } });
  });

  test('reads a failure with its code, message and hint', () => {
    const error = errorResult(repositoryErrors.REPOSITORY_NOT_FOUND({ store: 's3://backups' }), 'en');
    expect(readRunResult(fitResult({ ok: false, command: 'backup', error }))?.error).toMatchObject({ code: 'REPOSITORY_NOT_FOUND', exitCode: 4, retryable: false });
  });

  test('a list of what was kept that was cut is no list: what it lacks is not gone', () => {
    const whole = readRunResult(fitResult({ ok: true, keptIds: ids(10), forgottenIds: [] }));
    expect(whole?.keptIds).toHaveLength(10);
    const cut = readRunResult(fitResult({ ok: true, kept: 400, keptIds: ids(400), forgottenIds: [id(1)] }));
    expect(cut).toMatchObject({ kept: 400, forgottenIds: [id(1)] });
    expect(cut?.keptIds).toBeUndefined();
  });

  test('of a list of what was forgotten that was cut, the beginning counts', () => {
    const forgotten = readRunResult(fitResult({ ok: true, forgottenIds: ids(400) }))?.forgottenIds ?? [];
    expect(forgotten.length).toBeGreaterThan(50);
    expect(forgotten).toEqual(ids(400).slice(0, forgotten.length));
  });

  test('doubts about a backup stay doubts, however many were left out', () => {
    expect(readRunResult(JSON.stringify({ ok: true, suspicious: [{ omitted: 3 }] }))?.suspicious).toEqual(['… 3']);
  });

  test('a field that is not as expected costs only itself', () => {
    expect(readRunResult(JSON.stringify({ ok: true, id: id(1), sizes: { omitted: 8 }, stateAt: 'yesterday' }))).toMatchObject({ ok: true, id: id(1), sizes: undefined, stateAt: undefined });
  });

  test.each([[undefined], [''], ['Error: out of memory'], ['{"ok":true,"id":"2026'], ['null'], ['[]'], ['{"id":"x"}']])('gives nothing of %p', (message) => {
    expect(readRunResult(message)).toBeUndefined();
  });
});
