import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { codeOf } from '../../../src/operations/errors.ts';
import { compress, decompress } from '../../../src/repository/encoding/zstd.ts';
import { caught } from './caught.ts';

const object = 'parts/ab/abc.zst';
const text = Buffer.from('a row of a table\t42\n'.repeat(5000));

describe('a zstd object', () => {
  it('gives back any content at any level', async () => {
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
      fc.nat(400_000).map((size) => randomBytes(size)),
      fc.nat(400_000).map((size) => Buffer.alloc(size, 'abcabd')),
    );
    await fc.assert(
      fc.asyncProperty(content, fc.constantFrom(1, 3, 9), async (raw, level) => {
        const stored = await compress(raw, level);
        expect((await decompress(stored, { object, raw: raw.length })).equals(raw)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('gives back 32 MiB', async () => {
    const raw = Buffer.concat([randomBytes(2 ** 24), Buffer.alloc(2 ** 24, 'row\n')]);
    expect((await decompress(await compress(raw, 1), { object, raw: raw.length })).equals(raw)).toBe(true);
  });

  it('is smaller at a higher level', async () => {
    const rows = Buffer.from(Array.from({ length: 20_000 }, (_, index) => `${index}\t${(index * 7919) % 1000}\tname\n`).join(''));
    expect((await compress(rows, 12)).length).toBeLessThan((await compress(rows, 1)).length);
  });

  it('is refused when it holds more or fewer bytes than expected', async () => {
    const stored = await compress(text, 3);
    for (const raw of [0, text.length - 1, text.length + 1]) {
      expect(await caught(async () => decompress(stored, { object, raw }))).toMatchObject({ code: 'OBJECT_CORRUPT', values: { object } });
    }
    expect((await decompress(stored, { object, maxRaw: text.length })).equals(text)).toBe(true);
    expect(await caught(async () => decompress(stored, { object, maxRaw: text.length - 1 }))).toMatchObject({ code: 'OBJECT_CORRUPT' });
  });

  it('is refused when anything follows the frame: bytes, the frame again, an empty or a skippable frame', async () => {
    const stored = await compress(text, 3);
    const skippable = Buffer.from('502a4d180100000000', 'hex');
    for (const extra of [Buffer.alloc(1), randomBytes(100), stored, await compress(Buffer.alloc(0), 3), skippable]) {
      const error = await caught(async () => decompress(Buffer.concat([stored, extra]), { object, raw: text.length }));
      expect(error).toMatchObject({ code: 'OBJECT_CORRUPT', category: 'integrity' });
    }
    expect(await caught(async () => decompress(Buffer.concat([skippable, stored]), { object, raw: text.length }))).toMatchObject({ code: 'OBJECT_CORRUPT' });
  });

  it('is refused wherever it is cut off', async () => {
    const raw = randomBytes(300);
    const stored = await compress(raw, 3);
    for (let length = 0; length < stored.length; length += 1) {
      expect(await caught(async () => decompress(stored.subarray(0, length), { object, raw: raw.length }))).toMatchObject({ code: 'OBJECT_CORRUPT' });
    }
  });

  it('is refused, by its checksum, when a bit of its content flipped', async () => {
    const raw = randomBytes(200);
    const stored = await compress(raw, 3);
    for (let bit = 0; bit < stored.length * 8; bit += 1) {
      const changed = Buffer.from(stored);
      changed[bit >>> 3] = (changed[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
      // A bit that says nothing (the header has an unused one) may flip; the content must not.
      const outcome = await decompress(changed, { object, raw: raw.length }).catch((error: unknown) => codeOf(error));
      expect(outcome === 'OBJECT_CORRUPT' || raw.equals(outcome as Buffer)).toBe(true);
    }
  });

  it('is refused when it is something else', async () => {
    for (const stored of [Buffer.alloc(0), Buffer.alloc(64), randomBytes(64), text]) {
      expect(await caught(async () => decompress(stored, { object, raw: 64 }))).toMatchObject({ code: 'OBJECT_CORRUPT' });
    }
  });
});
