/** Gets the rows of a COPY as they come off the protocol: most whole, some in pieces. */
export interface RowReceiver {
  row(chunk: Buffer, start: number, end: number): void;
  begin(length: number): void;
  append(chunk: Buffer, start: number, end: number): void;
  end(): void;
}

const headerLength = 5;
const copyData = 0x64;
const readyForQuery = 0x5a;

/**
 * Separates a server's messages: CopyData goes to the receiver, one row a message, straight from the chunk it came in;
 * everything else goes on as it came, to who else reads the connection. With ReadyForQuery the statement is over, and
 * all bytes from it on go on, too.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export class CopyFrames {
  rows = 0;
  bytes = 0;
  readonly #receiver: RowReceiver;
  readonly #forward: (bytes: Buffer) => void;
  readonly #onReady: () => void;
  readonly #header = Buffer.alloc(headerLength);
  #headerSize = 0;
  /** Bytes of the current message that are still to come. */
  #left = 0;
  #inRow = false;
  #over = false;

  constructor(receiver: RowReceiver, forward: (bytes: Buffer) => void, onReady: () => void) {
    this.#receiver = receiver;
    this.#forward = forward;
    this.#onReady = onReady;
  }

  push(chunk: Buffer): void {
    const length = chunk.length;
    let position = this.#continueMessage(chunk);
    while (position < length && !this.#over) {
      if (length - position < headerLength) {
        chunk.copy(this.#header, 0, position);
        this.#headerSize = length - position;
        return;
      }
      const size = (((chunk[position + 1] as number) << 24) | ((chunk[position + 2] as number) << 16) | ((chunk[position + 3] as number) << 8) | (chunk[position + 4] as number)) - 4;
      const start = position + headerLength;
      if (chunk[position] === copyData && start + size <= length) {
        this.#receiver.row(chunk, start, start + size);
        this.rows += 1;
        this.bytes += size;
        position = start + size;
      } else {
        position = this.#startMessage(chunk, position, start, size);
      }
    }
    if (this.#over && position < length) this.#forward(chunk.subarray(position));
  }

  /** Takes what belongs to a message that an earlier chunk began; gives where the next one begins. */
  #continueMessage(chunk: Buffer): number {
    if (this.#over) return 0;
    if (this.#headerSize > 0) {
      const taken = Math.min(headerLength - this.#headerSize, chunk.length);
      chunk.copy(this.#header, this.#headerSize, 0, taken);
      this.#headerSize += taken;
      if (this.#headerSize < headerLength) return taken;
      this.#headerSize = 0;
      return this.#beginMessage(this.#header[0] as number, this.#header.readUInt32BE(1) - 4, Buffer.from(this.#header), chunk, taken);
    }
    return this.#left > 0 ? this.#takePiece(chunk, 0) : 0;
  }

  #startMessage(chunk: Buffer, position: number, start: number, size: number): number {
    return this.#beginMessage(chunk[position] as number, size, chunk.subarray(position, start), chunk, start);
  }

  #beginMessage(type: number, size: number, header: Buffer, chunk: Buffer, start: number): number {
    this.#inRow = type === copyData;
    this.#left = size;
    if (this.#inRow) {
      this.#receiver.begin(size);
    } else {
      if (type === readyForQuery) {
        this.#over = true;
        this.#onReady();
      }
      this.#forward(header);
      if (this.#over) return start;
    }
    return this.#takePiece(chunk, start);
  }

  #takePiece(chunk: Buffer, start: number): number {
    const end = Math.min(chunk.length, start + this.#left);
    this.#left -= end - start;
    if (this.#inRow) {
      this.#receiver.append(chunk, start, end);
      this.bytes += end - start;
      if (this.#left === 0) {
        this.#receiver.end();
        this.rows += 1;
      }
    } else if (end > start) {
      this.#forward(chunk.subarray(start, end));
    }
    return end;
  }
}
