import { describe, expect, it } from '@jest/globals';
import { partBytesFor } from '../../../../jobs/engines/sqlite/content.ts';

const mib = 2 ** 20;

describe('the size of a part', () => {
  it('is a power of two, about an 8192nd of the file, between 64 KiB and 4 MiB', () => {
    const sizes = [0, 512, 10 * mib, 512 * mib, 1024 * mib - 1, 1024 * mib, 2047 * mib, 2048 * mib, 32 * 1024 * mib, 1024 * 1024 * mib];
    const parts = [65_536, 65_536, 65_536, 65_536, 65_536, 131_072, 131_072, 262_144, 4 * mib, 4 * mib];
    expect(sizes.map(partBytesFor)).toEqual(parts);
  });
});
