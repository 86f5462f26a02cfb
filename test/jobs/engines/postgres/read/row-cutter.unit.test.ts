import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { RangeJoiner } from '../../../../../jobs/engines/postgres/read/range-joiner.ts';
import { type CutPart, longestWholeRow, RowCutter } from '../../../../../jobs/engines/postgres/read/row-cutter.ts';

const target = 4096;

/** Rows with a key, of different lengths, the same for the same seed. */
function makeRows(count: number, seed = 1): Buffer[] {
  let state = seed;
  return Array.from({ length: count }, (_, index) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Buffer.from(`${index * 10}\t${'x'.repeat(state % 200)}\n`);
  });
}

function cut(rows: readonly Buffer[], keyFields = 1, first = true): { parts: CutPart[]; cutter: RowCutter } {
  const cutter = new RowCutter({ target, keyFields, first });
  for (const row of rows) cutter.row(row, 0, row.length);
  return { parts: cutter.parts, cutter };
}

function cutWhole(rows: readonly Buffer[], keyFields = 1): Buffer[] {
  const { parts, cutter } = cut(rows, keyFields);
  cutter.flush();
  return parts.map(({ raw }) => raw);
}

const asText = (parts: readonly Buffer[]) => parts.map((part) => part.toString('latin1'));

function countNew(before: readonly Buffer[], after: readonly Buffer[]): number {
  const known = new Set(asText(before));
  return asText(after).filter((part) => !known.has(part)).length;
}

describe('RowCutter', () => {
  it('gives every byte once, in order, in parts that end with a row', () => {
    const rows = makeRows(5_000);
    const parts = cutWhole(rows);
    expect(Buffer.concat(parts).equals(Buffer.concat(rows))).toBe(true);
    expect(parts.every((part) => part.at(-1) === 10)).toBe(true);
  });

  it('keeps parts near the target and within four times of it', () => {
    const parts = cutWhole(makeRows(50_000));
    const sizes = parts.slice(0, -1).map(({ length }) => length);
    const average = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    expect(average).toBeGreaterThan(target * 0.8);
    expect(average).toBeLessThan(target * 1.8);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(target * 4 + 300);
  });

  it('moves no other cut when a row is inserted, deleted or changed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_999 }), fc.constantFrom('insert', 'delete', 'change'), fc.integer({ min: 1, max: 50 }), (at, change, seed) => {
        const rows = makeRows(5_000, seed);
        const changed = rows.slice();
        const replacement = Buffer.from(`${at * 10 + 1}\tchanged\n`);
        changed.splice(at, change === 'insert' ? 0 : 1, ...(change === 'delete' ? [] : [replacement]));
        // The part itself; its neighbour too where a mark came or went, or the part was ended by its size.
        expect(countNew(cutWhole(rows), cutWhole(changed))).toBeLessThanOrEqual(4);
      }),
      { numRuns: 60 },
    );
  });

  it('cuts by the key alone, so that a change behind it moves no cut', () => {
    const rows = makeRows(5_000);
    const changed = rows.map((row, index) => (index >= 2_500 && index < 2_503 ? Buffer.from(row.toString().replace(/x/g, 'y')) : row));
    const [before, after] = [cutWhole(rows), cutWhole(changed)];
    expect(after.map(({ length }) => length)).toEqual(before.map(({ length }) => length));
    expect(countNew(before, after)).toBe(1);
  });

  it('cuts rows without a key by what is in them', () => {
    const rows = makeRows(5_000).map((row) => Buffer.from(`same\t${row.toString()}`));
    const parts = cutWhole(rows, 0);
    expect(parts.length).toBeGreaterThan(20);
    expect(countNew(parts, cutWhole(rows.toSpliced(1_000, 1), 0))).toBeLessThanOrEqual(3);
  });

  it('gives the same parts whether rows come whole or in pieces', () => {
    const rows = makeRows(2_000);
    const pieces = new RowCutter({ target, keyFields: 1, first: true });
    for (const row of rows) {
      const middle = row.length >> 1;
      pieces.begin(row.length);
      pieces.append(row, 0, middle);
      pieces.append(row, middle, row.length);
      pieces.end();
    }
    pieces.flush();
    expect(asText(pieces.parts.map(({ raw }) => raw))).toEqual(asText(cutWhole(rows)));
  });

  it('counts rows in the part in which they end, and lets only a row beyond the bound go on in the next one', () => {
    const cutter = new RowCutter({ target: 8 * 1024 * 1024, keyFields: 1, first: true });
    const small = Buffer.from('1\tsmall\n');
    const wide = Buffer.alloc(longestWholeRow * 2 + 1000, 'w');
    wide[wide.length - 1] = 10;
    for (const row of [small, wide, small]) cutter.row(row, 0, row.length);
    cutter.flush();
    expect(cutter.parts.map(({ raw, rows }) => [raw.length, rows])).toEqual([
      [small.length, 1],
      [longestWholeRow, 0],
      [longestWholeRow, 0],
      [1000, 1],
      [small.length, 1],
    ]);
  });
});

async function readInRanges(rows: readonly Buffer[], borders: readonly number[], order: readonly number[]): Promise<string[]> {
  const written: Buffer[] = [];
  const write = async ({ raw, rows: count }: CutPart) => {
    await Promise.resolve();
    return { part: String(written.push(raw) - 1), raw: raw.length, rows: count };
  };
  const joiner = new RangeJoiner(borders.length + 1, write);
  const edges = [0, ...borders, rows.length];
  const reads = order.map(async (index) => {
    const { parts, cutter } = cut(rows.slice(edges[index], edges[index + 1]), 1, index === 0);
    const head = index === 0 ? undefined : parts.shift();
    const slices = [];
    for (const part of parts.splice(0)) slices.push(await write(part));
    await joiner.add(index, { head, slices, cutter });
  });
  await Promise.all(reads);
  expect(joiner.complete).toBe(true);
  expect(joiner.slices.reduce((sum, slice) => sum + (slice.rows ?? 0), 0)).toBe(rows.length);
  return asText(joiner.slices.map(({ part }) => written[Number(part)] as Buffer));
}

describe('RangeJoiner', () => {
  it('gives the parts that one reader gives, wherever the borders are and in whatever order ranges end', async () => {
    const rows = makeRows(1_500, 2);
    const whole = cutWhole(rows);
    // A part that its size ended would depend on where reading began; there is none among these.
    expect(Math.max(...whole.map(({ length }) => length))).toBeLessThan(target * 4);
    const ranges = fc.array(fc.record({ border: fc.integer({ min: 0, max: 1_500 }), rank: fc.nat() }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(ranges, async (cuts) => {
        const borders = cuts.map(({ border }) => border).toSorted((one, other) => one - other);
        const order = [...cuts.map(({ rank }, index) => ({ index, rank })).toSorted((one, other) => one.rank - other.rank).map(({ index }) => index), cuts.length];
        expect(await readInRanges(rows, borders, order)).toEqual(asText(whole));
      }),
      { numRuns: 100 },
    );
  });

  it('joins a giant row at the start of a range as it is', async () => {
    const small = Buffer.from('1\tsmall\n');
    const giant = Buffer.alloc(longestWholeRow + 10, 'g');
    giant[giant.length - 1] = 10;
    const whole = cutWhole([small, giant, small]);
    const joined = await readInRanges([small, giant, small], [1, 2], [2, 0, 1]);
    expect(joined.map(({ length }) => length)).toEqual(whole.map(({ length }) => length));
  });
});
