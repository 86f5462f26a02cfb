import { describe, expect, it } from '@jest/globals';
import { formatBytes, formatDuration, formatTable, parseDuration } from '../../src/operations/format.ts';

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KiB'],
    [150 * 1024 ** 2, '150 MiB'],
    [2.25 * 1024 ** 3, '2.3 GiB'],
  ])('%d → %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

describe('formatDuration', () => {
  it.each([
    [820, '0.8 s'],
    [59_000, '59 s'],
    [250_000, '4 min 10 s'],
    [12_000_000, '3 h 20 min'],
    [86_400_000 * 12, '12 d'],
  ])('%d → %s', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));
});

describe('parseDuration', () => {
  it.each([
    ['30d', 30 * 86_400_000],
    ['12h', 12 * 3_600_000],
    ['4w', 28 * 86_400_000],
    ['30', undefined],
    ['-1d', undefined],
    ['1y', undefined],
  ])('%s → %s', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds));
});

describe('formatTable', () => {
  it('aligns columns, wide characters too', () => {
    expect(formatTable(['ID', 'NAME'], [['1', '商店'], ['22', 'x']])).toBe('ID  NAME\n1   商店\n22  x');
  });
});
