import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { type Baseline, fewestCompared, findAnomalies, findRewrite, mostCompared, type Sizes } from '../../../src/repository/anomalies/judge.ts';
import { languages } from '../../../src/operations/text.ts';

const mib = 1024 * 1024;

function sizesOf({ raw = 100 * mib, rows = 100_000, tables = 20, stored = 40 * mib, newStored = mib }: Partial<Sizes> = {}): Sizes {
  return { raw, rows, tables, stored, newStored, parts: 100, newParts: 3 };
}

const series = (length: number, sizes: (index: number) => Sizes): Baseline => ({ sizes: Array.from({ length }, (_, index) => sizes(index)), isAccepted: false });
const usual = series(mostCompared, () => sizesOf());
/** The quantities that are found unusual. */
const judge = (now: Sizes, baseline: Baseline) => [...findAnomalies(now, baseline), ...[findRewrite(now, baseline)].filter((text) => text !== undefined)];
const unusual = (now: Sizes, baseline = usual) => judge(now, baseline).map(({ en }) => /rows|tables|content|new/.exec(en)?.[0]);

const golden: readonly (readonly [string, Partial<Sizes>, readonly string[]])[] = [
  ['the same again', {}, []],
  ['a third less', { raw: 67 * mib, rows: 67_000 }, []],
  ['half of it gone', { raw: 50 * mib, rows: 50_000 }, ['content', 'rows']],
  ['nearly all rows gone', { raw: 5.2 * mib, rows: 5000 }, ['content', 'rows']],
  ['half of the tables dropped', { tables: 10 }, ['tables']],
  ['three tables dropped', { tables: 17 }, []],
  ['an empty database', { raw: 0, rows: 0, tables: 0, stored: 0, newStored: 0 }, ['content', 'rows', 'tables']],
  ['twice as much', { raw: 200 * mib, rows: 200_000 }, []],
  ['thrice as much', { raw: 300 * mib, rows: 300_000 }, ['content', 'rows']],
  ['every row rewritten', { newStored: 39 * mib }, ['new']],
  ['half of it rewritten', { newStored: 20 * mib }, []],
  ['nothing changed at all', { newStored: 0 }, []],
];

describe('a backup beside the usual ones before it', () => {
  it.each(golden)('%s', (_name, change, found) => {
    expect(unusual(sizesOf(change))).toEqual(found);
  });

  it('is judged by the median: one bad one among them makes no difference', () => {
    const withOutlier = { ...usual, sizes: [sizesOf({ raw: 1, rows: 1, tables: 1 }), ...usual.sizes.slice(1)] };
    expect(unusual(sizesOf(), withOutlier)).toEqual([]);
    expect(unusual(sizesOf({ raw: 50 * mib, rows: 50_000 }), withOutlier)).toEqual(['content', 'rows']);
  });

  it('may vary where it always varied', () => {
    const varying = series(mostCompared, (index) => sizesOf({ rows: 50_000 + (index % 5) * 30_000 }));
    expect(unusual(sizesOf({ rows: 45_000 }), varying)).toEqual([]);
  });

  it('is not judged by fewer than five, unless it is nearly empty or a person vouched for one', () => {
    const few = series(fewestCompared - 1, () => sizesOf());
    const halved = sizesOf({ raw: 50 * mib, rows: 50_000 });
    expect(unusual(halved, few)).toEqual([]);
    expect(unusual(halved, series(fewestCompared, () => sizesOf()))).toEqual(['content', 'rows']);
    expect(unusual(halved, { ...series(1, () => sizesOf()), isAccepted: true })).toEqual(['content', 'rows']);
    expect(unusual(sizesOf({ rows: 0 }), series(1, () => sizesOf()))).toEqual(['rows']);
    expect(unusual(sizesOf({ rows: 0 }), series(0, () => sizesOf()))).toEqual([]);
  });

  it('raises no alarm where a small database changes', () => {
    const small = series(mostCompared, () => sizesOf({ raw: 200_000, rows: 300, tables: 4, stored: 50_000, newStored: 5000 }));
    expect(unusual(sizesOf({ raw: 90_000, rows: 100, tables: 2, stored: 20_000, newStored: 20_000 }), small)).toEqual([]);
    expect(unusual(sizesOf({ raw: 90_000, rows: 10, tables: 4, stored: 20_000, newStored: 20_000 }), small)).toEqual(['rows']);
  });

  it('says in every language what is unusual', () => {
    const texts = judge(sizesOf({ raw: 0, rows: 0, tables: 0, stored: 40 * mib, newStored: 40 * mib }), usual);
    expect(texts).toHaveLength(4);
    for (const text of texts) for (const language of languages) expect(text[language]).toMatch(/^[^{}]*\d[^{}]*$/);
    expect(texts[1]).toEqual({ en: 'there are 0 rows, usual is 100000', zh: '共 0 行，通常为 100000' });
  });
});

describe('whatever the database', () => {
  const anySizes = fc
    .record({ raw: fc.nat(2 ** 40), rows: fc.nat(2 ** 33), tables: fc.nat(5000), share: fc.double({ min: 0, max: 1, noNaN: true }) })
    .map(({ raw, rows, tables, share }) => sizesOf({ raw, rows, tables, stored: raw, newStored: Math.floor(raw * share) }));

  it('a constant series is never suspicious', () => {
    fc.assert(fc.property(anySizes, fc.nat(mostCompared), fc.boolean(), (sizes, length, isAccepted) => expect(judge(sizes, { ...series(length, () => sizes), isAccepted })).toEqual([])));
  });

  it('half of it gone is found, where it is large enough to matter', () => {
    fc.assert(
      fc.property(anySizes, (sizes) => {
        fc.pre(sizes.rows > 5000);
        expect(unusual({ ...sizes, rows: Math.floor(sizes.rows / 2) }, series(mostCompared, () => sizes))).toContain('rows');
      }),
    );
  });

  it('steady growth of up to one percent a day is never suspicious, over a year', () => {
    fc.assert(
      fc.property(anySizes, fc.double({ min: 0.99, max: 1.01, noNaN: true }), (first, factor) => {
        const grow = (one: Sizes): Sizes => ({ ...one, raw: Math.round(one.raw * factor), rows: Math.round(one.rows * factor), stored: Math.round(one.stored * factor), newStored: Math.round(one.newStored * factor) });
        const found = [];
        let earlier: Sizes[] = [first];
        for (let day = 1; day < 365; day += 1) {
          const next = grow(earlier[0] ?? first);
          found.push(...judge(next, { sizes: earlier, isAccepted: false }));
          earlier = [next, ...earlier].slice(0, mostCompared);
        }
        expect(found).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});
