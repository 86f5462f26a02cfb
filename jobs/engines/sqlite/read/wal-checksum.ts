/**
 * The checksum of write-ahead logs (sqlite.org/fileformat2.html, section 4.2) over the words `from` to `to` (an even
 * number of them), continued from an earlier result.
 */
export function checksum(words: Uint32Array, from: number, to: number, first: number, second: number): [number, number] {
  let one = first | 0;
  let two = second | 0;
  for (let index = from; index < to; index += 2) {
    one = (one + (words[index] as number) + two) | 0;
    two = (two + (words[index + 1] as number) + one) | 0;
  }
  return [one >>> 0, two >>> 0];
}
