import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Encryption } from '../keys.ts';

/** A document as the repository keeps it: what `JSON.parse` or an object literal gives. */
type Sealable = Readonly<Record<string, unknown>>;

/**
 * The seal of a document: `hmac-sha256:` or, in a repository without encryption, `sha256:` and 64 hex digits, over
 * `JSON.stringify` of the document without its `seal` field. The fields' order counts: check what `JSON.parse` gave.
 */
export function seal(document: Sealable, encryption: Encryption): string {
  const { seal: _, ...rest } = document;
  const text = JSON.stringify(rest);
  if (encryption.kind === 'none') return `sha256:${createHash('sha256').update(text).digest('hex')}`;
  return `hmac-sha256:${createHmac('sha256', encryption.keys.sealKey).update(text).digest('hex')}`;
}

/** Whether a document carries the seal that this repository gives it. */
export function checkSeal(document: Sealable, encryption: Encryption): boolean {
  const carried = Buffer.from(typeof document['seal'] === 'string' ? document['seal'] : '');
  const right = Buffer.from(seal(document, encryption));
  return carried.length === right.length && timingSafeEqual(carried, right);
}
