import { decryptAge, encryptAge } from '../encoding/age.ts';
import { recipientOf } from '../encoding/age-keys.ts';
import type { Encryption } from '../keys.ts';

/**
 * Encrypts to the configured recipients; without any to those of the configured identities: whoever ran the drill, and had to
 * have one, can read what it found. Throws RECIPIENT_MISSING where there is neither.
 */
export function encryptReport(plain: Uint8Array, encryption: Extract<Encryption, { kind: 'age' }>): Buffer {
  const { recipients, identities } = encryption.keys;
  return encryptAge(plain, recipients.length > 0 ? recipients : identities.map(recipientOf));
}

/** Throws DECRYPTION_REFUSED and OBJECT_CORRUPT, which name `object`. */
export function decryptReport(stored: Uint8Array, encryption: Extract<Encryption, { kind: 'age' }>, object: string): Buffer {
  return decryptAge(stored, encryption.keys.identities, object);
}
