import type { Duplex } from 'node:stream';
import type { Client, Connection, Submittable } from 'pg';

/** Bytes of one CopyData message: the server holds a message whole, rows may go on in the next one. */
const frameBytes = 256 * 1024;

const copyDone = Buffer.from([0x63, 0, 0, 0, 4]);

/** What pg calls on a statement that it runs; its types name only `submit`. */
interface CopyInStatement extends Submittable {
  handleCopyInResponse(connection: Connection): void;
  handleCommandComplete(message: { readonly text: string }): void;
  handleReadyForQuery(): void;
  handleError(error: Error): void;
}

/**
 * Runs `COPY … FROM STDIN` and sends the chunks as they are, without looking at rows. Gives the number of rows that the
 * server says it took. When `chunks` throws, the statement is failed on the server and that error is thrown; so is the
 * server's own error, at once, also while chunks are still being sent. Closing the connection ends it as well.
 */
export function copyIn(client: Client, statement: string, chunks: AsyncIterable<Buffer>, onSent: (bytes: number) => void): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let rows: number | undefined;
  let sourceFailure: { readonly error: unknown } | undefined;
  let over = false;
  const feed = async (stream: Duplex) => {
    try {
      await send(stream, chunks, () => over, onSent);
      if (!over) stream.write(copyDone);
    } catch (error) {
      sourceFailure = { error };
      if (!over) stream.write(copyFail());
    }
  };
  const query: CopyInStatement = {
    submit: (connection) => connection.query(statement),
    handleCopyInResponse: ({ stream }) => void feed(stream),
    handleCommandComplete: ({ text }) => {
      rows = Number(/^COPY (\d+)$/.exec(text)?.[1]);
    },
    handleReadyForQuery: () => {
      over = true;
      if (rows !== undefined && !Number.isNaN(rows)) resolve(rows);
      else reject(new Error('the statement was not a COPY FROM STDIN'));
    },
    handleError: (error) => {
      over = true;
      reject(sourceFailure === undefined ? error : sourceFailure.error);
    },
  };
  client.query(query);
  return promise;
}

async function send(stream: Duplex, chunks: AsyncIterable<Buffer>, isOver: () => boolean, onSent: (bytes: number) => void): Promise<void> {
  for await (const chunk of chunks) {
    if (isOver()) return;
    const ready = writeFrames(stream, chunk);
    if (!ready) await drained(stream);
    onSent(chunk.length);
  }
}

/** Whole frames only, in one go: whatever ends the statement in between leaves the protocol in step. */
function writeFrames(stream: Duplex, chunk: Buffer): boolean {
  let ready = true;
  stream.cork();
  for (let start = 0; start < chunk.length; start += frameBytes) {
    const frame = chunk.subarray(start, start + frameBytes);
    const header = Buffer.allocUnsafe(5);
    header[0] = 0x64;
    header.writeInt32BE(4 + frame.length, 1);
    stream.write(header);
    ready = stream.write(frame);
  }
  stream.uncork();
  return ready;
}

/** Resolves once the socket takes more, or is gone: then pg fails the statement itself. */
function drained(stream: Duplex): Promise<void> {
  if (stream.destroyed || !stream.writableNeedDrain) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
  });
}

function copyFail(): Buffer {
  const reason = 'the backup could not be read\0';
  const message = Buffer.allocUnsafe(5 + reason.length);
  message[0] = 0x66;
  message.writeInt32BE(4 + reason.length, 1);
  message.write(reason, 5, 'latin1');
  return message;
}
