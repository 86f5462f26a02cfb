import { describe, expect, it } from '@jest/globals';
import { SliceComparison } from '../../../../../jobs/engines/postgres/drill/compare-slices.ts';
import { addRows, RowMultiset } from '../../../../../jobs/engines/postgres/drill/row-multiset.ts';
import type { PartSlice } from '../../../../../src/repository/manifest/manifest.ts';
import { createMemoryParts, type MemoryParts } from '../../memory-parts.ts';

const parts: MemoryParts = createMemoryParts();

/** A slice of so many rows; of a part that has other content around it where `shared`. */
async function sliceOf(text: string, rows: number, shared = false): Promise<PartSlice> {
  const raw = Buffer.from(shared ? `before\n${text}after\n` : text);
  const { name } = await parts.write(raw);
  return { part: name, raw: raw.length, stored: raw.length, encoding: 'raw', rows, ...(shared && { offset: 7, length: text.length }) };
}

/** Feeds rows as COPY messages give them, each in pieces of `piece` bytes where it is longer. */
async function compare(slices: readonly PartSlice[], rows: readonly string[], piece = 1000): Promise<SliceComparison> {
  const comparison = new SliceComparison(slices, parts);
  for (const row of rows) {
    const bytes = Buffer.from(row);
    if (bytes.length <= piece) comparison.row(bytes, 0, bytes.length);
    else {
      comparison.begin();
      for (let start = 0; start < bytes.length; start += piece) comparison.append(bytes, start, Math.min(bytes.length, start + piece));
      comparison.end();
    }
    await comparison.settle();
  }
  await comparison.finish();
  return comparison;
}

describe('comparing rows with slices', () => {
  it('finds rows of whole and of shared parts equal', async () => {
    const slices = [await sliceOf('a\nb\n', 2), await sliceOf('c\n', 1, true), await sliceOf('d\n', 1)];
    expect(await compare(slices, ['a\n', 'b\n', 'c\n', 'd\n'])).toMatchObject({ rows: 4, differing: 0, first: undefined });
  });

  it.each([
    ['a row of another length', ['a\n', 'longer\n', 'c\n', 'd\n'], 1, 1, 2],
    ['a row of a shared part', ['a\n', 'b\n', 'C\n', 'd\n'], 1, 2, 1],
    ['a missing row, from which on all is different', ['a\n', 'c\n', 'd\n'], 3, 1, 2],
    ['missing rows at the end', ['a\n', 'b\n'], 2, 2, 1],
    ['no rows', [], 3, 1, 1],
  ])('finds %s and says where', async (_, rows, differing, number, row) => {
    const slices = [await sliceOf('a\nb\n', 2), await sliceOf('c\n', 1, true), await sliceOf('d\n', 1)];
    expect(await compare(slices, rows)).toMatchObject({ rows: rows.length, differing, first: { number, row, slice: slices[number - 1] } });
  });

  it('counts rows that are too many', async () => {
    expect(await compare([await sliceOf('a\n', 1)], ['a\n', 'b\n'])).toMatchObject({ rows: 2, differing: 0 });
    expect(await compare([], ['a\n'])).toMatchObject({ rows: 1, differing: 0 });
  });

  it('follows a row that is longer than a part through several of them', async () => {
    const long = `${'x'.repeat(25)}\n`;
    const slices = [await sliceOf('a\n', 1), await sliceOf(long.slice(0, 10), 0), await sliceOf(long.slice(10, 20), 0), await sliceOf(`${long.slice(20)}b\n`, 2), await sliceOf('c\n', 1)];
    for (const piece of [3, 10, 1000]) expect(await compare(slices, ['a\n', long, 'b\n', 'c\n'], piece)).toMatchObject({ rows: 4, differing: 0 });
    // Shorter than it was: the rows behind it are compared all the same.
    expect(await compare(slices, ['a\n', 'xxxx\n', 'b\n', 'c\n'])).toMatchObject({ rows: 4, differing: 3, first: { number: 2 } });
    expect(await compare(slices, ['a\n', `${'x'.repeat(60)}\n`, 'b\n', 'c\n'])).toMatchObject({ rows: 4, differing: 1, first: { number: 4 } });
  });
});

async function digest(chunks: readonly string[], fields: readonly number[] = [0, 1, 2]): Promise<string> {
  const rows = new RowMultiset();
  await addRows(rows, (async function* () { for (const chunk of chunks) yield Buffer.from(chunk); })(), fields);
  return `${rows.rows} ${rows.digest}`;
}

describe('a set of rows', () => {
  it('is equal in any order of rows, however they come', async () => {
    const expected = await digest(['1\t2\t\n3\t4\t5\n']);
    expect(await digest(['3\t4', '\t5', '\n1\t', '2\t\n'])).toBe(expected);
    expect(await digest(['\t1\t2\n5\t3\t4\n'], [1, 2, 0])).toBe(expected);
  });

  it('is another one for a changed, a missing and a doubled row', async () => {
    const all = await Promise.all([['1\t2\t3\n'], ['1\t2\t4\n'], [], ['1\t2\t3\n1\t2\t3\n'], ['1\t2\t3\n\n']].map((chunks) => digest(chunks)));
    expect(new Set(all).size).toBe(5);
  });
});
