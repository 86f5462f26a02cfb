import { Socket } from 'node:net';

/** Some reads' worth: the kernel holds about as much for a connection. */
const bufferSize = 256 * 1024;

/**
 * A socket that reads into one buffer, over and over. Who listens to `bytes` gets views of that buffer, which hold good
 * until the listener returns; without such a listener `data` is emitted, with copies, as of any socket. Gigabytes of
 * buffers that live for a moment would keep the garbage collector at work.
 */
export class InPlaceSocket extends Socket {
  constructor() {
    super({
      onread: {
        buffer: Buffer.allocUnsafeSlow(bufferSize),
        callback: (length, buffer) => {
          const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, length);
          if (!this.emit('bytes', bytes)) this.emit('data', Buffer.from(bytes));
          return true;
        },
      },
    });
  }
}
