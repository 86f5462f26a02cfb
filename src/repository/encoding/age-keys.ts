import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { decodeBech32, encodeBech32 } from './bech32.ts';
import { encodingErrors } from './encoding-errors.ts';

const recipientPrefix = 'age';
const identityPrefix = 'age-secret-key-';
const keyBytes = 32;

/** Whom a file is encrypted to: an X25519 public key. */
export interface Recipient {
  /** `age1…`. */
  readonly text: string;
  readonly raw: Buffer;
  readonly publicKey: KeyObject;
}

/** What decrypts a file: an X25519 private key, held so that no log or JSON of it shows the secret. */
export interface Identity {
  readonly recipient: Recipient;
  readonly privateKey: KeyObject;
}

/** Reads `age1…`. Throws RECIPIENT_INVALID; `line` is where the text stood. */
export function parseRecipient(text: string, line = 1): Recipient {
  const decoded = decodeBech32(text);
  if (decoded?.prefix === identityPrefix) {
    throw encodingErrors.RECIPIENT_INVALID({ line, reason: 'it is an identity, which must stay secret' });
  }
  if (decoded?.prefix !== recipientPrefix || decoded.bytes.length !== keyBytes || text !== text.toLowerCase()) {
    throw encodingErrors.RECIPIENT_INVALID({ line, reason: 'it is no `age1…` of an X25519 key, or mistyped' });
  }
  return recipientOfRaw(decoded.bytes);
}

/** Reads `AGE-SECRET-KEY-1…`. Throws IDENTITY_INVALID; `line` is where the text stood. */
export function parseIdentity(text: string, line = 1): Identity {
  const decoded = decodeBech32(text);
  if (decoded?.prefix !== identityPrefix || decoded.bytes.length !== keyBytes || text !== text.toUpperCase()) {
    throw encodingErrors.IDENTITY_INVALID({ line, reason: 'it is no `AGE-SECRET-KEY-1…` of an X25519 key, or mistyped' });
  }
  // PKCS #8 of an X25519 key: the same 16 bytes before every secret (RFC 8410 §7).
  const header = Buffer.from('302e020100300506032b656e04220420', 'hex');
  const privateKey = createPrivateKey({ key: Buffer.concat([header, decoded.bytes]), format: 'der', type: 'pkcs8' });
  return identityOfKey(privateKey);
}

/** Every recipient of a text of lines; empty lines and `#` comments are skipped. Throws RECIPIENT_INVALID. */
export function parseRecipients(text: string): Recipient[] {
  return keyLines(text).map(({ content, line }) => parseRecipient(content, line));
}

/** Every identity of a text of lines, such as a file of `age-keygen`. Throws IDENTITY_INVALID. */
export function parseIdentities(text: string): Identity[] {
  return keyLines(text).map(({ content, line }) => parseIdentity(content, line));
}

export function generateIdentity(): Identity {
  return identityOfKey(generateKeyPairSync('x25519').privateKey);
}

/** The identity as text, `AGE-SECRET-KEY-1…`: a secret, for a file that only its owner reads. */
export function formatIdentity(identity: Identity): string {
  const secret = identity.privateKey.export({ format: 'jwk' }).d ?? '';
  return encodeBech32(identityPrefix, Buffer.from(secret, 'base64url')).toUpperCase();
}

export function recipientOf(identity: Identity): Recipient {
  return identity.recipient;
}

/** What a repository remembers of a recipient: SHA-256 of its text, in hex. */
export function fingerprint(recipient: Recipient): string {
  return createHash('sha256').update(recipient.text).digest('hex');
}

/** The 32 bytes of an X25519 public key. */
export function rawPublicKey(publicKey: KeyObject): Buffer {
  // Of the exports the JWK one is by far the cheapest, and this runs for every encrypted object.
  return Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
}

/** The key object of 32 bytes, which may be any: X25519 takes every string as a point. */
export function publicKeyOfRaw(raw: Uint8Array): KeyObject {
  const header = Buffer.from('302a300506032b656e032100', 'hex');
  return createPublicKey({ key: Buffer.concat([header, raw]), format: 'der', type: 'spki' });
}

function recipientOfRaw(raw: Buffer): Recipient {
  return { text: encodeBech32(recipientPrefix, raw), raw, publicKey: publicKeyOfRaw(raw) };
}

function identityOfKey(privateKey: KeyObject): Identity {
  return { recipient: recipientOfRaw(rawPublicKey(createPublicKey(privateKey))), privateKey };
}

function keyLines(text: string): { content: string; line: number }[] {
  return text
    .split('\n')
    .map((content, index) => ({ content: content.trim(), line: index + 1 }))
    .filter(({ content }) => content !== '' && !content.startsWith('#'));
}
