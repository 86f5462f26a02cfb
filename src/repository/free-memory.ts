import { isArrayBuffer } from 'node:util/types';

/**
 * Whether the buffer's memory is nobody else's: small buffers share Node's pool. Only who knows that no other buffer was
 * made of it may free it.
 */
export function hasOwnMemory(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return isArrayBuffer(bytes.buffer) && bytes.buffer.byteLength > Buffer.poolSize;
}

/**
 * Frees a buffer's memory at once: what lies outside V8's heap is collected late, and there is much of it. The buffer is
 * empty afterwards.
 */
export function freeMemory(bytes: Uint8Array): void {
  if (hasOwnMemory(bytes)) bytes.buffer.transfer(0);
}
