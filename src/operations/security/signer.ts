import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

export interface Signer {
  /** 43 characters that only a holder of the secret key can make of this text. */
  sign(text: string): string;
  /** Whether one of the keys made this signature; takes the same time for every wrong one. */
  verify(text: string, signature: string): boolean;
}

/**
 * Signs texts for one purpose (HMAC-SHA-256; the key is derived by HKDF, so that a signature for one purpose is none for
 * another). The first secret key signs and all verify: put a new key in front, take the old one away later.
 */
export function createSigner(secretKeys: readonly string[], purpose: string): Signer {
  const keys = secretKeys.map((secret) => Buffer.from(hkdfSync('sha256', secret, '', purpose, 32)));
  const [signingKey] = keys;
  if (signingKey === undefined) throw new Error('a signer needs a secret key');
  return {
    sign: (text) => digest(signingKey, text).toString('base64url'),
    verify: (text, signature) => {
      const given = Buffer.from(signature, 'base64url');
      // Every key is tried, so that the time does not tell which one signed.
      return keys.filter((key) => isSame(digest(key, text), given)).length > 0;
    },
  };
}

function digest(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function isSame(expected: Buffer, given: Buffer): boolean {
  return expected.length === given.length && timingSafeEqual(expected, given);
}
