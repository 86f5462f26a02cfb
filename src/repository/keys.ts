import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { decryptAge, encryptAge } from './encoding/age.ts';
import { formatIdentity, generateIdentity, type Identity, parseIdentities, parseRecipients, type Recipient } from './encoding/age-keys.ts';
import { encodingErrors } from './encoding/encoding-errors.ts';

const repositoryKeyBytes = 32;

/** The keys that a configuration gives: a job that only backs up has no identity, one that only restores no repository key. */
export interface ConfiguredKeys {
  readonly repositoryKey?: KeyObject;
  readonly recipients: readonly Recipient[];
  readonly identities: readonly Identity[];
}

/** Every key of an encrypted repository. The secrets are key objects: no log and no JSON of a key ring shows them. */
export interface KeyRing extends ConfiguredKeys {
  readonly repositoryKey: KeyObject;
  /** Names parts. Another key than the seal's, so that a part's content can never double as a forged document. */
  readonly partNameKey: KeyObject;
  /** Seals heads, holds and the repository's own document. */
  readonly sealKey: KeyObject;
}

/** How a repository's objects are protected. Without encryption hashes find damage, but no forgery. */
export type Encryption = { readonly kind: 'none' } | { readonly kind: 'age'; readonly keys: KeyRing };

/**
 * Reads keys from configured texts: the repository key as 64 hex digits, recipients and identities one a line with `#`
 * comments. Throws REPOSITORY_KEY_INVALID, RECIPIENT_INVALID or IDENTITY_INVALID, none of which shows a value.
 */
export function readKeys(texts: { readonly repositoryKey?: string; readonly recipients?: string; readonly identities?: string }): ConfiguredKeys {
  return {
    ...(texts.repositoryKey !== undefined && { repositoryKey: parseRepositoryKey(texts.repositoryKey) }),
    recipients: parseRecipients(texts.recipients ?? ''),
    identities: parseIdentities(texts.identities ?? ''),
  };
}

/** Completes a key ring whose repository key is known: configured, or unwrapped with an identity. */
export function createKeyRing(keys: ConfiguredKeys & { readonly repositoryKey: KeyObject }): KeyRing {
  const derive = (purpose: string) => createSecretKey(createHmac('sha256', keys.repositoryKey).update(purpose).digest());
  return { ...keys, partNameKey: derive('holdfast part name v1'), sealKey: derive('holdfast seal v1') };
}

/** Contents for the three files of a new encrypted repository; the first two are secret. The identity's is as age-keygen writes it. */
export function generateKeys(now: Date): { repositoryKey: string; identity: string; recipient: string } {
  const identity = generateIdentity();
  const recipient = identity.recipient.text;
  return {
    repositoryKey: `${randomBytes(repositoryKeyBytes).toString('hex')}\n`,
    identity: `# created: ${now.toISOString()}\n# public key: ${recipient}\n${formatIdentity(identity)}\n`,
    recipient: `${recipient}\n`,
  };
}

/** The repository key's 64 hex digits as an age file in base64: lets who holds an identity alone read the repository. */
export function wrapRepositoryKey(repositoryKey: KeyObject, recipients: readonly Recipient[]): string {
  return encryptAge(Buffer.from(`${repositoryKey.export().toString('hex')}\n`), recipients).toString('base64');
}

/**
 * Undoes `wrapRepositoryKey`. Throws DECRYPTION_REFUSED where no identity is a recipient's and OBJECT_CORRUPT where the text
 * was changed; both name `object`, the object that holds it.
 */
export function unwrapRepositoryKey(wrapped: string, identities: readonly Identity[], object: string): KeyObject {
  return parseRepositoryKey(decryptAge(Buffer.from(wrapped, 'base64'), identities, object).toString('latin1'));
}

function parseRepositoryKey(text: string): KeyObject {
  const digits = text.trim();
  if (!/^[0-9a-fA-F]{64}$/.test(digits)) throw encodingErrors.REPOSITORY_KEY_INVALID({});
  return createSecretKey(digits, 'hex');
}
