import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ByteCutter } from '../../../../../jobs/engines/postgres/read/byte-cutter.ts';

/** Bytes without pattern, the same at every run. */
function makeBytes(length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 64) }, (_, index) => createHash('sha512').update(String(index)).digest());
  return Buffer.concat(blocks).subarray(0, length);
}

function cut(bytes: Buffer, chunkSize = 65_536): Buffer[] {
  const cutter = new ByteCutter();
  for (let start = 0; start < bytes.length; start += chunkSize) cutter.write(bytes.subarray(start, start + chunkSize));
  cutter.flush();
  return cutter.parts;
}

describe('ByteCutter', () => {
  const bytes = makeBytes(16 * 1024 * 1024);

  it('gives every byte once, whatever the chunks, in parts within the bounds', () => {
    const parts = cut(bytes);
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    expect(cut(bytes, 8_191).map(({ length }) => length)).toEqual(parts.map(({ length }) => length));
    expect(parts.slice(0, -1).every(({ length }) => length >= 128 * 1024 && length <= 2 * 1024 * 1024)).toBe(true);
    expect(parts.length).toBeGreaterThan(12);
    expect(parts.length).toBeLessThan(64);
  });

  it('finds its cuts again behind an insertion', () => {
    const changed = Buffer.concat([bytes.subarray(0, 5_000_000), Buffer.from('inserted'), bytes.subarray(5_000_000)]);
    const known = new Set(cut(bytes).map((part) => createHash('sha256').update(part).digest('hex')));
    const fresh = cut(changed).filter((part) => !known.has(createHash('sha256').update(part).digest('hex')));
    expect(fresh.length).toBeLessThanOrEqual(3);
  });

  it('cuts bytes that are all the same at the upper bound', () => {
    expect(cut(Buffer.alloc(5 * 1024 * 1024)).length).toBeGreaterThanOrEqual(3);
  });
});
