import type { Duplex } from 'node:stream';
import type { Client, Connection, Submittable } from 'pg';
import { sourceErrors } from '../../source-errors.ts';
import { InPlaceSocket } from '../connect/in-place-socket.ts';
import { CopyFrames, type RowReceiver } from './copy-frames.ts';

/** Where a COPY's rows go, and who waits for them to be dealt with. */
export interface CopyTarget extends RowReceiver {
  /** Called after each chunk. While the promise it gives is open, nothing more is read. */
  settle(): Promise<void> | undefined;
}

/**
 * Runs `COPY … TO STDOUT` and gives its rows to the target as they come off the socket, without an object a row:
 * the driver sees every message but the rows. Throws the server's error, the target's, or SOURCE_LOST when the
 * number of rows is not the one that the server says. A row is one CopyData message.
 */
export async function copyOut(client: Client, statement: string, target: CopyTarget): Promise<{ rows: number; bytes: number }> {
  const copy = new CopyStatement(statement, target);
  client.query(copy);
  return copy.result;
}

type DataListener = (chunk: Buffer) => void;

/** A statement as the driver runs it: it calls `submit` when it is its turn, then the handlers. */
class CopyStatement implements Submittable {
  readonly result: Promise<{ rows: number; bytes: number }>;
  readonly #statement: string;
  readonly #target: CopyTarget;
  #resolve: (result: { rows: number; bytes: number }) => void = () => {};
  #reject: (error: Error) => void = () => {};
  #frames: CopyFrames | undefined;
  #restore: () => void = () => {};
  #tag = '';
  /** The target's work on what was read; the result waits for it. */
  #settling: Promise<void> = Promise.resolve();

  constructor(statement: string, target: CopyTarget) {
    this.#statement = statement;
    this.#target = target;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(connection: Connection): void {
    const { stream } = connection;
    const listeners = stream.listeners('data') as DataListener[];
    const event = stream instanceof InPlaceSocket ? 'bytes' : 'data';
    const forward = (bytes: Buffer) => {
      // The driver may keep the start of a message until the rest is there: longer than the bytes are good for.
      const kept = event === 'bytes' ? Buffer.from(bytes) : bytes;
      for (const listener of listeners) listener.call(stream, kept);
    };
    this.#frames = new CopyFrames(this.#target, forward, () => this.#restore());
    const onBytes = (chunk: Buffer) => this.#read(stream, chunk);
    this.#restore = () => {
      this.#restore = () => {};
      for (const listener of listeners) stream.on('data', listener);
      stream.off(event, onBytes);
    };
    stream.on(event, onBytes);
    for (const listener of listeners) stream.off('data', listener);
    connection.query(this.#statement);
  }

  #read(stream: Duplex, chunk: Buffer): void {
    try {
      this.#frames?.push(chunk);
      const settled = this.#target.settle();
      if (settled === undefined) return;
      stream.pause();
      this.#settling = settled.then(
        () => void stream.resume(),
        (error: Error) => this.#fail(stream, error),
      );
    } catch (error) {
      this.#fail(stream, error as Error);
    }
  }

  /** The target cannot go on: the rest of the rows has nowhere to go, so the connection ends. */
  #fail(stream: Duplex, error: Error): void {
    this.#reject(error);
    stream.destroy();
  }

  handleCommandComplete(message: { readonly text: string }): void {
    this.#tag = message.text;
  }

  handleReadyForQuery(): void {
    const { rows = 0, bytes = 0 } = this.#frames ?? {};
    if (this.#tag === `COPY ${rows}`) {
      void this.#settling.then(() => this.#resolve({ rows, bytes }));
    } else {
      this.#reject(sourceErrors.SOURCE_LOST({ source: 'PostgreSQL', reason: `${rows} rows came, the server says ${this.#tag || 'nothing'}` }));
    }
  }

  /** The server refused or failed, or the connection is gone. */
  handleError(error: Error): void {
    this.#reject(error);
  }
}
