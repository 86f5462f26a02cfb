import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { freeMemory } from '../free-memory.ts';
import { deriveKey, fileKeyBytes, formatHeader, isHeaderAuthentic, parseHeader, unwrapFileKey } from './age-header.ts';
import type { Identity, Recipient } from './age-keys.ts';
import { encodingErrors } from './encoding-errors.ts';

const cipher = 'chacha20-poly1305';
const chunkBytes = 64 * 1024;
const tagBytes = 16;
const saltBytes = 16;
const nonceBytes = 12;
const sealedChunkBytes = chunkBytes + tagBytes;

/**
 * Encrypts to every recipient in the age v1 format (https://age-encryption.org/v1), which the `age` program decrypts.
 * Each call makes a file key of its own, so equal contents give unequal files. Throws RECIPIENT_MISSING rather than write a file that nobody can read.
 */
export function encryptAge(plain: Uint8Array, recipients: readonly Recipient[]): Buffer {
  if (recipients.length === 0) throw encodingErrors.RECIPIENT_MISSING({});
  const fileKey = randomBytes(fileKeyBytes);
  const header = formatHeader(fileKey, recipients);
  const salt = randomBytes(saltBytes);
  const key = deriveKey(fileKey, salt, 'payload');
  const chunks = Math.max(1, Math.ceil(plain.length / chunkBytes));
  // Every byte is written below, so the memory need not be cleared first.
  const file = Buffer.allocUnsafeSlow(header.length + saltBytes + plain.length + chunks * tagBytes);
  file.set(header);
  file.set(salt, header.length);
  let written = header.length + saltBytes;
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    const seal = createCipheriv(cipher, key, chunkNonce(chunk, chunk === chunks - 1), { authTagLength: tagBytes });
    const sealed = seal.update(plain.subarray(chunk * chunkBytes, (chunk + 1) * chunkBytes));
    seal.final();
    file.set(sealed, written);
    file.set(seal.getAuthTag(), written + sealed.length);
    written += sealed.length + tagBytes;
    freeMemory(sealed);
  }
  return file;
}

/**
 * Decrypts an age v1 file whole. Recipient stanzas of other types than X25519 are passed over. `object` names the file in
 * errors: OBJECT_CORRUPT where it is not exactly what was encrypted, DECRYPTION_REFUSED where no identity matches.
 */
export function decryptAge(file: Uint8Array, identities: readonly Identity[], object: string): Buffer {
  const corrupt = (reason: string) => encodingErrors.OBJECT_CORRUPT({ object, reason });
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const header = parseHeader(bytes);
  if (typeof header === 'string') throw corrupt(header);
  const fileKey = unwrapFileKey(header, identities);
  if (fileKey === undefined) throw encodingErrors.DECRYPTION_REFUSED({ object });
  if (typeof fileKey === 'string') throw corrupt(fileKey);
  if (!isHeaderAuthentic(header, fileKey)) throw corrupt('its header was changed (wrong MAC)');

  const payload = bytes.subarray(header.end);
  if (payload.length < saltBytes + tagBytes) throw corrupt('it is cut off');
  const key = deriveKey(fileKey, payload.subarray(0, saltBytes), 'payload');
  const plain = openChunks(payload.subarray(saltBytes), key);
  if (plain === undefined) throw corrupt('its content was changed, cut off or added to (wrong authentication tag)');
  return plain;
}

/** Whether a chunk is the last is part of its nonce: a file cut at a chunk's edge, or continued, fails to open. */
function openChunks(sealed: Buffer, key: KeyObject): Buffer | undefined {
  const chunks = Math.ceil(sealed.length / sealedChunkBytes);
  const plainBytes = sealed.length - chunks * tagBytes;
  // A last chunk without content exists only in an empty file.
  if (plainBytes < 0 || (chunks > 1 && plainBytes <= (chunks - 1) * chunkBytes)) return undefined;
  const plain = Buffer.allocUnsafeSlow(plainBytes);
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    const content = sealed.subarray(chunk * sealedChunkBytes, (chunk + 1) * sealedChunkBytes);
    const decipher = createDecipheriv(cipher, key, chunkNonce(chunk, chunk === chunks - 1), { authTagLength: tagBytes });
    decipher.setAuthTag(content.subarray(-tagBytes));
    const opened = decipher.update(content.subarray(0, -tagBytes));
    plain.set(opened, chunk * chunkBytes);
    freeMemory(opened);
    try {
      decipher.final();
    } catch {
      return undefined;
    }
  }
  return plain;
}

/** Eleven bytes of counter, one byte that marks the last chunk. */
function chunkNonce(chunk: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(nonceBytes);
  nonce.writeUIntBE(chunk, nonceBytes - 7, 6);
  nonce[nonceBytes - 1] = isLast ? 1 : 0;
  return nonce;
}
