/** Thrown when a body ends before its announced length. */
export class TruncatedBody extends Error {
  override readonly name = 'TruncatedBody';
}

/** Reads a body to its end, into one buffer where its length was announced (some proxies do not). Throws TruncatedBody. */
export async function readBody(body: AsyncIterable<Buffer>, size: number | undefined, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const whole = Buffer.allocUnsafeSlow(size ?? 0);
  let length = 0;
  for await (const chunk of body) {
    signal.throwIfAborted();
    if (size === undefined) chunks.push(chunk);
    else if (length + chunk.length <= size) whole.set(chunk, length);
    length += chunk.length;
  }
  if (size === undefined) return Buffer.concat(chunks);
  if (length !== size) throw new TruncatedBody(`${length} bytes instead of ${size}`);
  return whole;
}
