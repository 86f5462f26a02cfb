import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { HoldfastError } from '../operations/errors.ts';
import { fingerprint } from './encoding/age-keys.ts';
import { type ConfiguredKeys, createKeyRing, type Encryption, type KeyRing, unwrapRepositoryKey, wrapRepositoryKey } from './keys.ts';
import { putOnce } from './stores/conditional-put.ts';
import { folders, parseBackupKey, repositoryKey } from './manifest/object-keys.ts';
import { repositoryErrors } from './repository-errors.ts';
import { parseObject, readSealed, writeSealed } from './manifest/sealed-document.ts';
import type { Store } from './stores/store.ts';

const repositoryFormat = 1;
const fingerprintText = z.string().regex(/^[0-9a-f]{64}$/);

/** repository.json: what a repository is. `seal` covers the other fields. */
const RepositoryDocument = z.strictObject({
  format: z.literal(repositoryFormat),
  id: z.uuid(),
  createdAt: z.iso.datetime(),
  /** Whether the store refuses the second of two conditional puts; where not, runs look before they write. */
  conditionalPut: z.boolean(),
  encryption: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('none') }),
    z.strictObject({
      kind: z.literal('age'),
      /** SHA-256 of each recipient's text, sorted. */
      recipients: z.array(fingerprintText).min(1),
      /** The repository key as an age file to the recipients, in base64: who holds an identity needs nothing else. */
      key: z.base64(),
    }),
  ]),
  seal: z.string(),
});

/** An opened repository: where it is, and the keys to it. */
export interface Repository {
  readonly id: string;
  readonly store: Store;
  readonly createdAt: Date;
  readonly conditionalPut: boolean;
  readonly encryption: Encryption;
}

/** What a new repository shall be: `keys` needs a repository key and recipients. */
export type RequestedEncryption = { readonly kind: 'none' } | { readonly kind: 'age'; readonly keys: ConfiguredKeys };

/**
 * Makes an empty place of a store into a repository. Throws REPOSITORY_EXISTS where there is one, REPOSITORY_DOCUMENT_MISSING
 * where backups of one lie whose document is gone, REPOSITORY_KEYS_INCOMPLETE,
 * and the store's errors. Creates the directory where it is missing.
 */
export async function initRepository(
  store: Store,
  { encryption: requested, now, signal }: { readonly encryption: RequestedEncryption; readonly now: Date; readonly signal: AbortSignal },
): Promise<Repository> {
  const encryption = completeEncryption(store, requested);
  await store.prepare({ signal });
  if (await store.stat(repositoryKey, { signal })) throw repositoryErrors.REPOSITORY_EXISTS({ store: store.url });
  for await (const { key } of store.list(folders.backups, { signal })) {
    if (parseBackupKey(key)?.file === 'json') throw repositoryErrors.REPOSITORY_DOCUMENT_MISSING({ store: store.url, head: key });
  }
  const conditionalPut = await store.detectConditionalPut({ signal });
  const document = {
    format: repositoryFormat,
    id: randomUUID(),
    createdAt: now.toISOString(),
    conditionalPut,
    encryption: describeEncryption(encryption),
  };
  try {
    await putOnce({ store, conditionalPut }, repositoryKey, writeSealed(document, encryption), { signal });
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'STORE_OBJECT_EXISTS') {
      throw repositoryErrors.REPOSITORY_EXISTS({ store: store.url }, { cause: error });
    }
    throw error;
  }
  return { id: document.id, store, createdAt: now, conditionalPut, encryption };
}

/**
 * Opens the repository of a store. An encrypted one needs the repository key, or an identity that recovers it; recipients,
 * where given, must be the repository's. Throws repositoryErrors that say which of them is wrong, and the store's errors.
 */
export async function openRepository(
  store: Store,
  { keys, signal }: { readonly keys: ConfiguredKeys; readonly signal: AbortSignal },
): Promise<Repository> {
  const content = await readDocument(store, signal);
  const encryption = openEncryption(store, parseUnchecked(store, content), keys);
  const read = readSealed(content, RepositoryDocument, encryption);
  if ('damage' in read) {
    if (encryption.kind === 'age' && !isKeyProven(content, encryption.keys)) throw repositoryErrors.REPOSITORY_KEY_MISMATCH({ store: store.url });
    throw repositoryErrors.REPOSITORY_DAMAGED({ store: store.url, reason: read.damage });
  }
  const { id, createdAt, conditionalPut } = read.document;
  if (encryption.kind === 'age' && read.document.encryption.kind === 'age' && keys.recipients.length > 0) {
    const given = describeRecipients(keys).join();
    if (given !== read.document.encryption.recipients.join()) throw repositoryErrors.REPOSITORY_RECIPIENTS_MISMATCH({ store: store.url });
  }
  return { id, store, createdAt: new Date(createdAt), conditionalPut, encryption };
}

/** Throws REPOSITORY_RECIPIENTS_REQUIRED where new parts could not be encrypted. */
export function requireWriting({ store, encryption }: Repository): void {
  if (encryption.kind === 'age' && encryption.keys.recipients.length === 0) {
    throw repositoryErrors.REPOSITORY_RECIPIENTS_REQUIRED({ store: store.url });
  }
}

/** Throws REPOSITORY_IDENTITY_REQUIRED where parts could not be decrypted. */
export function requireReading({ store, encryption }: Repository): void {
  if (encryption.kind === 'age' && encryption.keys.identities.length === 0) {
    throw repositoryErrors.REPOSITORY_IDENTITY_REQUIRED({ store: store.url });
  }
}

async function readDocument(store: Store, signal: AbortSignal): Promise<Buffer> {
  try {
    return await store.get(repositoryKey, { signal });
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'STORE_OBJECT_MISSING') {
      throw repositoryErrors.REPOSITORY_NOT_FOUND({ store: store.url }, { cause: error });
    }
    throw error;
  }
}

/** The document before its seal can be checked: only what is needed to find the key that checks it. */
function parseUnchecked(store: Store, content: Buffer): z.infer<typeof RepositoryDocument> {
  const damaged = (reason: string) => repositoryErrors.REPOSITORY_DAMAGED({ store: store.url, reason });
  const document = parseObject(content);
  if (!document) throw damaged('it is not a JSON document');
  const { format } = document;
  if (typeof format === 'number' && format > repositoryFormat) {
    throw repositoryErrors.REPOSITORY_FORMAT_NEWER({ store: store.url, format, known: repositoryFormat });
  }
  const parsed = RepositoryDocument.safeParse(document);
  if (!parsed.success) throw damaged(`its field ${parsed.error.issues[0]?.path.join('.') ?? ''} is not valid`);
  return parsed.data;
}

function openEncryption(store: Store, document: z.infer<typeof RepositoryDocument>, keys: ConfiguredKeys): Encryption {
  if (document.encryption.kind === 'none') {
    const given = keys.repositoryKey !== undefined || keys.recipients.length > 0 || keys.identities.length > 0;
    if (given) throw repositoryErrors.REPOSITORY_NOT_ENCRYPTED({ store: store.url });
    return { kind: 'none' };
  }
  if (keys.repositoryKey === undefined && keys.identities.length === 0) throw repositoryErrors.REPOSITORY_KEY_REQUIRED({ store: store.url });
  const key = keys.repositoryKey ?? unwrapRepositoryKey(document.encryption.key, keys.identities, repositoryKey);
  return { kind: 'age', keys: createKeyRing({ ...keys, repositoryKey: key }) };
}

/** Whether the document's own copy of the repository key says that the key is right: then its seal is wrong for another reason. */
function isKeyProven(content: Buffer, { repositoryKey: key, identities }: KeyRing): boolean {
  const read = RepositoryDocument.safeParse(parseObject(content));
  if (!read.success || read.data.encryption.kind !== 'age') return false;
  try {
    return unwrapRepositoryKey(read.data.encryption.key, identities, repositoryKey).equals(key);
  } catch {
    return false; // Not to be read with these identities: nothing is known.
  }
}

function completeEncryption(store: Store, requested: RequestedEncryption): Encryption {
  if (requested.kind === 'none') return requested;
  const { repositoryKey: key, recipients } = requested.keys;
  if (key === undefined || recipients.length === 0) throw repositoryErrors.REPOSITORY_KEYS_INCOMPLETE({ store: store.url });
  return { kind: 'age', keys: createKeyRing({ ...requested.keys, repositoryKey: key }) };
}

function describeEncryption(encryption: Encryption): z.infer<typeof RepositoryDocument>['encryption'] {
  if (encryption.kind === 'none') return { kind: 'none' };
  const { keys } = encryption;
  return { kind: 'age', recipients: describeRecipients(keys), key: wrapRepositoryKey(keys.repositoryKey, keys.recipients) };
}

function describeRecipients({ recipients }: ConfiguredKeys): string[] {
  return [...new Set(recipients.map(fingerprint))].toSorted();
}
