/** Text that comes in chunks, line by line. A last line without its end is given too, unless it is empty. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  // Pieces of a line that has not ended: joined once, for a line may be a large object in many chunks.
  let begun: string[] = [];
  for await (const chunk of chunks) {
    const [first = '', ...rest] = decoder.decode(chunk, { stream: true }).split('\n');
    begun.push(first);
    for (const piece of rest) {
      yield begun.join('');
      begun = [piece];
    }
  }
  const last = begun.join('') + decoder.decode();
  if (last !== '') yield last;
}
