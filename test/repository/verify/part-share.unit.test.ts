import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { isInShare, parseShare } from '../../../src/repository/verify/part-share.ts';

const nameOf = (text: string) => createHash('sha256').update(text).digest('hex');
const sharesOf = (name: string, of: number) => Array.from({ length: of }, (_, index) => index + 1).filter((number) => isInShare(name, { number, of }));

describe('the shares of all parts', () => {
  it('hold every part exactly once, the first and the last name too', () => {
    fc.assert(fc.property(fc.string(), fc.integer({ min: 1, max: 366 }), (text, of) => sharesOf(nameOf(text), of).length === 1));
    for (const shares of [1, 2, 7, 366]) {
      expect(sharesOf('0'.repeat(64), shares)).toEqual([1]);
      expect(sharesOf('f'.repeat(64), shares)).toEqual([shares]);
    }
  });

  it('are about equal', () => {
    const sizes = [0, 0, 0, 0, 0, 0, 0];
    for (let index = 0; index < 7000; index += 1) {
      const [number = 0] = sharesOf(nameOf(String(index)), 7);
      sizes[number - 1] = (sizes[number - 1] ?? 0) + 1;
    }
    for (const size of sizes) expect(Math.abs(size - 1000)).toBeLessThan(150);
  });

  it('are written as n/m', () => {
    expect(parseShare('3/7')).toEqual({ number: 3, of: 7 });
    for (const wrong of ['0/7', '8/7', '3', '3/', '/7', '-1/7', '1/367', '3/7/9', '1.5/2', ' 1/2', '']) expect(parseShare(wrong)).toBeUndefined();
  });
});
