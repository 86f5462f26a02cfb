import { describe, expect, test } from '@jest/globals';
import { linesOf } from '../../src/kubernetes/lines.ts';

/** The text in chunks of so many bytes. */
async function* chunksOf(text: string, bytes: number): AsyncGenerator<Uint8Array> {
  const all = Buffer.from(text);
  for (let at = 0; at < all.length; at += bytes) yield all.subarray(at, at + bytes);
}

describe('linesOf', () => {
  test.each([1, 2, 3, 7, 1_000])('gives whole lines and whole characters of chunks of %d bytes', async (bytes) => {
    const lines = ['{"name":"订单"}', '', 'two', 'the end without its line break: ✓'];
    expect(await Array.fromAsync(linesOf(chunksOf(lines.join('\n'), bytes)))).toEqual(lines);
  });

  test('gives nothing after the last line break', async () => {
    expect(await Array.fromAsync(linesOf(chunksOf('one\ntwo\n', 3)))).toEqual(['one', 'two']);
  });
});
