import { describe, expect, it } from '@jest/globals';
import { assert, constantFrom, integer, property, record, uniqueArray } from 'fast-check';
import { partEncodings } from '../../../src/repository/manifest/manifest.ts';
import { PartIndex } from '../../../src/repository/parts/part-index.ts';

/** Few first bytes, so that names collide in the table. */
const name = (number: number) => `${(number % 5).toString(16).padStart(8, '0')}${number.toString(16).padStart(56, '0')}`;
const spread = (number: number) => (Math.imul(number, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0') + number.toString(16).padStart(56, '0');

describe('the index of parts', () => {
  it('knows exactly what was added, with its size and marks', () => {
    const part = record({ number: integer({ min: 0, max: 900 }), encoding: constantFrom(...partEncodings), stored: integer({ min: 0, max: 2 ** 32 - 1 }), isMarked: constantFrom(true, false) });
    const parts = uniqueArray(part, { maxLength: 600, selector: ({ number, encoding }) => `${number} ${encoding}`, size: 'max' });
    assert(
      property(parts, (added) => {
        const index = new PartIndex((marks) => (marks & 2) !== 0);
        for (const { number, encoding, stored, isMarked } of added) {
          index.add(name(number), encoding, stored);
          if (isMarked) index.mark(name(number), encoding, stored, { same: 2 });
        }
        expect(index.size).toBe(added.length);
        for (const { number, encoding, isMarked } of added) {
          expect(index.has(name(number), encoding)).toBe(true);
          expect(index.has(name(number), encoding, 2)).toBe(isMarked);
          const usable = added.filter((other) => other.number === number && other.isMarked);
          const expected = usable.map((other) => ({ stored: other.stored, encoding: other.encoding }));
          expect(expected.length === 0 ? [undefined] : expected).toContainEqual(index.get(name(number)));
        }
        expect(index.get(name(5000))).toBeUndefined();
        expect(index.has(name(5000), 'zst')).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  it('marks nothing that has another size or another encoding', () => {
    const index = new PartIndex((marks) => marks !== 0);
    index.add(name(1), 'zst', 10);
    index.mark(name(1), 'zst', 11, { same: 1 });
    index.mark(name(1), 'raw', 10, { same: 1, other: 2 });
    expect(index.get(name(1))).toBeUndefined();
    index.mark(name(1), 'zst', 11, { same: 1, other: 2 });
    expect([index.has(name(1), 'zst', 1), index.has(name(1), 'zst', 2)]).toEqual([false, true]);
  });

  it('holds a million parts in 200 MiB while it grows, 74 afterwards', () => {
    const before = process.memoryUsage();
    const index = new PartIndex((marks) => marks !== 0);
    for (let number = 0; number < 1_000_000; number += 1) index.add(spread(number), 'zst.age', number, 1);
    const after = process.memoryUsage();
    expect(index.size).toBe(1_000_000);
    expect(index.get(spread(999_999))).toEqual({ stored: 999_999, encoding: 'zst.age' });
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(200 * 1024 * 1024);
  });

  it('refuses what is no part name', () => {
    const index = new PartIndex(() => true);
    expect(() => index.add('ab', 'zst', 1)).toThrow(TypeError);
    expect(() => index.add('x'.repeat(64), 'zst', 1)).toThrow(TypeError);
  });
});
