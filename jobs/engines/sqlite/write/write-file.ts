import type { FileHandle } from 'node:fs/promises';

const batchBytes = 4 * 1024 * 1024;

/** Writes buffers one after the other from the file's start, several in one call. Returns the bytes written. */
export async function writeAll(
  file: FileHandle,
  source: AsyncIterable<Buffer>,
  { signal, advance }: { readonly signal: AbortSignal; readonly advance: (bytes: number) => void },
): Promise<number> {
  let position = 0;
  let batch: Buffer[] = [];
  let waiting = 0;
  const flush = async (): Promise<void> => {
    if (waiting === 0) return;
    await writeBatch(file, batch, position, waiting);
    position += waiting;
    advance(waiting);
    batch = [];
    waiting = 0;
  };
  for await (const bytes of source) {
    signal.throwIfAborted();
    batch.push(bytes);
    waiting += bytes.length;
    if (waiting >= batchBytes) await flush();
  }
  await flush();
  return position;
}

/** A full disk may take a part of the batch: the rest is tried alone, and then the call says why it failed. */
async function writeBatch(file: FileHandle, batch: Buffer[], position: number, length: number): Promise<void> {
  const { bytesWritten } = await file.writev(batch, position);
  if (bytesWritten === length) return;
  const rest = Buffer.concat(batch).subarray(bytesWritten);
  for (let done = 0; done < rest.length; ) {
    const written = await file.write(rest, done, rest.length - done, position + bytesWritten + done);
    done += written.bytesWritten;
  }
}
